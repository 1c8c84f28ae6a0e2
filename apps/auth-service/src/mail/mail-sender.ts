import type { EmailAddress } from '../accounts/email-address';

/** MailSender, bound to an SMTP server, to a local folder, or to nothing. */
export const MAIL_SENDER = Symbol('MailSender');

/** One mail, ready to be sent. */
export interface OutgoingMail {
  /** The same for every attempt at it, so that a receiver can tell a second copy. */
  readonly id: string;
  readonly to: EmailAddress;
  /** One line. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Hands mail to whatever carries it on. */
export interface MailSender {
  /** Resolves once the mail is somebody else's responsibility; rejects with {@link MailNotSent}. */
  send(mail: OutgoingMail): Promise<void>;
}

/** A mail was not accepted. Says nothing of its content or of the credentials it would have been sent with. */
export class MailNotSent extends Error {
  override readonly name = 'MailNotSent';
  readonly code = 'mail_not_sent';

  /** @param isFinal whether another attempt would end the same way: the receiver is refused, not the connection */
  constructor(
    problem: string,
    readonly isFinal: boolean,
  ) {
    super(`a mail was not sent: ${problem}`);
  }
}

/** For an installation without mail: what is to be sent waits until it is of no use any more. */
export const NO_MAIL_SENDER: MailSender = {
  send: () => Promise.reject(new MailNotSent('no sender is configured', false)),
};
