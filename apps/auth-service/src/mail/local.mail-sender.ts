import { LocalOutbox } from './local.outbox';
import type { MailSender, OutgoingMail } from './mail-sender';

/**
 * Keeps mail in a folder instead of sending it, one file each, for people who try the system on their machine
 * (`npm run outbox`). The files hold secrets in clear: never for production.
 */
export class LocalMailSender implements MailSender {
  readonly #outbox: LocalOutbox;

  constructor(folder: string, clock: () => Date) {
    this.#outbox = new LocalOutbox(folder, clock);
  }

  async send({ id, to, subject, text }: OutgoingMail): Promise<void> {
    await this.#outbox.keep(id, { To: to, Subject: subject }, text);
  }

  /** The last mails, the newest last. */
  async last(count: number): Promise<readonly string[]> {
    return this.#outbox.last(count);
  }
}
