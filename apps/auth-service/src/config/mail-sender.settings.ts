import { readFileSync } from 'node:fs';
import type { Clock } from '@sallyport/tokens';
import { LocalMailSender } from '../mail/local.mail-sender';
import { NO_MAIL_SENDER } from '../mail/mail-sender';
import type { MailSender } from '../mail/mail-sender';
import { SmtpMailSender } from '../mail/smtp.mail-sender';
import type { AuthServiceConfig } from './auth-service.config';

/** Which way mail goes; none when nothing is configured: it waits then until it is of no use any more. */
export function mailSenderOf(config: AuthServiceConfig, clock: Clock): MailSender {
  const { SMTP_URL: url, SMTP_CA_FILE: caFile, MAIL_FROM: from, MAIL_OUTBOX_DIR: folder } = config;
  if (folder !== undefined) return new LocalMailSender(folder, clock);
  if (url === undefined || from === undefined) return NO_MAIL_SENDER;
  const ca = caFile === undefined ? undefined : readFileSync(caFile, 'utf8');
  return new SmtpMailSender({ url, from, ...(ca !== undefined && { ca }) });
}
