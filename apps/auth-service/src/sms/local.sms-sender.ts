import { randomUUID } from 'node:crypto';
import type { LocalOutbox } from '../mail/local.outbox';
import type { OutgoingSms, SmsSender } from './sms-sender';

/** Keeps text messages in a folder instead of sending them, beside the mail. The files hold codes in clear: never for production. */
export class LocalSmsSender implements SmsSender {
  constructor(private readonly outbox: LocalOutbox) {}

  async send({ to, text }: OutgoingSms): Promise<void> {
    await this.outbox.keep(randomUUID(), { To: to, Kind: 'text message' }, `${text}\n`);
  }
}
