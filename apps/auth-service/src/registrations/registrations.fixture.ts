import { createLogger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { accountsOf, type AccountsReplica } from '../accounts/accounts.fixture';
import { CLIENT_ADDRESS, PROFILE } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { MailDelivery } from '../mail/mail-delivery';
import { KeptMails } from '../password-resets/password-resets.fixture';
import { PendingRegistrationsRepository } from './pending-registrations.repository';
import { RegistrationConfirmationService } from './registration-confirmation.service';
import { RegistrationRequestHandling } from './registration-request-handling';
import { RegistrationRequestsRepository } from './registration-requests.repository';
import { RegistrationRequestsService } from './registration-requests.service';

/** A replica that has registrations confirmed, its passes run by hand. */
export interface RegistrationsReplica extends AccountsReplica {
  readonly mails: KeptMails;
  readonly requests: RegistrationRequestsService;
  readonly handling: RegistrationRequestHandling;
  readonly confirmation: RegistrationConfirmationService;
  /** Asks for an account, and gives the token of the link that was sent; undefined when there is none. */
  linkFor(email: string, password?: string): Promise<string | undefined>;
  confirm(token: string, password: string): ReturnType<RegistrationConfirmationService['confirm']>;
}

export async function registrationsOf(
  database: Database<AuthTables>,
): Promise<RegistrationsReplica> {
  const replica = await accountsOf(database);
  const { accounts, outbox, newPasswords, passwords, throttle, events } = replica;
  const { now } = replica.clock;
  const logger = createLogger({ service: 'auth-service', level: 'silent' });
  const mails = new KeptMails();
  const rows = new RegistrationRequestsRepository(database);
  const pending = new PendingRegistrationsRepository(database);
  const requests = new RegistrationRequestsService(rows, newPasswords, throttle, now);
  const handling = new RegistrationRequestHandling(
    rows,
    pending,
    accounts,
    outbox,
    database,
    now,
    events,
  );
  const delivery = new MailDelivery(outbox, mails, PROFILE, now, logger);
  const confirmation = new RegistrationConfirmationService(
    pending,
    accounts,
    newPasswords,
    database,
    passwords,
    now,
    events,
  );
  return {
    ...replica,
    mails,
    requests,
    handling,
    confirmation,
    async linkFor(email, password = '') {
      const before = mails.sent.length;
      await requests.request({ email, password, clientAddress: CLIENT_ADDRESS });
      await handling.run();
      await delivery.run();
      const [mail] = mails.sent.slice(before);
      return /\/confirm#token=([\w-]{43})\n/.exec(mail?.text ?? '')?.[1];
    },
    confirm: (token, password) =>
      confirmation.confirm({ token, password, clientAddress: CLIENT_ADDRESS }),
  };
}
