import { ConfigurationError } from '@sallyport/configuration';
import { LocalMailSender } from '../mail/local.mail-sender';
import { MAIL_SENDER } from '../mail/mail-sender';
import type { MailSender } from '../mail/mail-sender';
import { UsageError } from './command';
import type { Command } from './command';

const SHOWN = 5;

/** `outbox`: the mail that is kept on this machine instead of being sent. */
export const outboxCommand: Command = {
  usage: [
    ['outbox [COUNT]', `shows the last mails kept here instead of being sent, ${SHOWN} of them`],
  ],

  async run({ app, arguments: [count = String(SHOWN), ...more], print }) {
    if (!/^[1-9]\d{0,2}$/.test(count) || more.length > 0) throw new UsageError();
    const sender = app.get<MailSender>(MAIL_SENDER);
    if (!(sender instanceof LocalMailSender)) {
      throw new ConfigurationError('MAIL_OUTBOX_DIR', 'mail is kept here only where it is set');
    }
    const mails = await sender.last(Number(count));
    if (mails.length === 0) print('no mail');
    for (const mail of mails) print(`${mail}${'-'.repeat(80)}`);
  },
};
