import type { Countries, PhoneNumber } from './phone-number';

/** One text message, ready to be sent. */
export interface OutgoingSms {
  readonly to: PhoneNumber;
  readonly text: string;
}

/** Hands text messages to whatever carries them on. */
export interface SmsSender {
  /** Resolves once the message is somebody else's responsibility; rejects with {@link SmsNotSent}. */
  send(message: OutgoingSms): Promise<void>;
}

/** A message was not accepted. Says nothing of its number, its content, or the credentials it would have been sent with. */
export class SmsNotSent extends Error {
  override readonly name = 'SmsNotSent';
  readonly code = 'sms_not_sent';

  /** @param isFinal whether another attempt would end the same way: the number is refused, not the connection */
  constructor(
    problem: string,
    readonly isFinal: boolean,
  ) {
    super(`a text message was not sent: ${problem}`);
  }
}

/** SmsOffer, or undefined where nobody is sent a text message: it is off until an operator switches it on. */
export const SMS_OFFER = Symbol('SmsOffer');

/** Which way text messages go, and how far. */
export interface SmsOffer {
  readonly sender: SmsSender;
  /** Of the numbers that are sent any. */
  readonly countries: Countries;
}
