import { createLogger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { accountsOf, type AccountsReplica } from '../accounts/accounts.fixture';
import { CLIENT_ADDRESS, PROFILE } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { MailDelivery } from '../mail/mail-delivery';
import type { MailSender, OutgoingMail } from '../mail/mail-sender';
import { PasswordResetService } from './password-reset.service';
import { ResetRequestHandling } from './reset-request-handling';
import { ResetRequestsRepository } from './reset-requests.repository';
import { ResetRequestsService } from './reset-requests.service';

/** Takes mail over until it is told otherwise, and keeps it. */
export class KeptMails implements MailSender {
  readonly sent: OutgoingMail[] = [];
  failure: Error | undefined;

  async send(mail: OutgoingMail): Promise<void> {
    if (this.failure) throw this.failure;
    this.sent.push(mail);
  }
}

/** A replica that resets passwords, its passes run by hand. */
export interface ResetsReplica extends AccountsReplica {
  readonly mails: KeptMails;
  readonly log: string[];
  readonly requests: ResetRequestsService;
  readonly handling: ResetRequestHandling;
  readonly delivery: MailDelivery;
  readonly passwordReset: PasswordResetService;
  /** Asks for a link, and gives the token of the one that was sent; undefined when there is none. */
  linkFor(email: string): Promise<string | undefined>;
  reset(token: string, password: string): Promise<void>;
}

export async function resetsOf(database: Database<AuthTables>): Promise<ResetsReplica> {
  const replica = await accountsOf(database);
  const { accounts, resets, outbox, notices, newPasswords, passwords, ends } = replica;
  const { revocations, throttle, events } = replica;
  const { now } = replica.clock;
  const log: string[] = [];
  const destination = { write: (line: string) => log.push(line) };
  const logger = createLogger({ service: 'auth-service', level: 'info', destination });
  const mails = new KeptMails();
  const rows = new ResetRequestsRepository(database);
  const requests = new ResetRequestsService(rows, throttle, now);
  const handling = new ResetRequestHandling(rows, resets, accounts, outbox, database, now, events);
  const delivery = new MailDelivery(outbox, mails, PROFILE, now, logger);
  const passwordReset = new PasswordResetService(
    resets,
    accounts,
    newPasswords,
    notices,
    replica.requirement,
    ends,
    revocations,
    database,
    throttle,
    passwords,
    now,
    events,
  );
  return {
    ...replica,
    mails,
    log,
    requests,
    handling,
    delivery,
    passwordReset,
    async linkFor(email) {
      const before = mails.sent.length;
      await requests.request(email, CLIENT_ADDRESS);
      await handling.run();
      await delivery.run();
      return tokenIn(mails.sent.slice(before).at(-1));
    },
    reset: (token, password) =>
      passwordReset.reset({ token, password, clientAddress: CLIENT_ADDRESS }),
  };
}

export function tokenIn(mail: OutgoingMail | undefined): string | undefined {
  return /#token=([\w-]{43})\n/.exec(mail?.text ?? '')?.[1];
}
