import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import { NEW_ACCOUNT_SCOPES } from '../accounts/account';
import type { Account } from '../accounts/account';
import { AccountsRepository } from '../accounts/accounts.repository';
import type { EmailAddress } from '../accounts/email-address';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { NewPasswords } from '../passwords/new-passwords.service';
import { PASSWORD_HASHING } from '../passwords/password-hashing';
import type { PasswordHashing } from '../passwords/password-hashing';
import { PendingRegistrationsRepository } from './pending-registrations.repository';
import { parseRegistrationToken } from './registration-token';
import type { RegistrationToken } from './registration-token';

/** What somebody who has a link sends, as it arrived. */
export interface PresentedConfirmation {
  readonly token: string;
  readonly password: string;
  readonly clientAddress: string | undefined;
}

/** Undoes the confirmation: another one came first. */
class ConfirmationLost extends Error {
  override readonly name = 'ConfirmationLost';
}

/** Opens the account of an address whose owner has a link that was sent to it. */
@Injectable()
export class RegistrationConfirmationService {
  constructor(
    private readonly pending: PendingRegistrationsRepository,
    private readonly accounts: AccountsRepository,
    private readonly newPasswords: NewPasswords,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(PASSWORD_HASHING) private readonly passwords: PasswordHashing,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * Creates the account, with the password that is chosen here and nowhere else: all or nothing, once. Opens no session. A
   * password that the policy refuses leaves the link as it is.
   *
   * @throws ServiceError INVALID_ARGUMENT `registration_confirmation_refused` for every link that does not work, whatever the
   * reason; and what {@link NewPasswords} and hashing throw.
   */
  async confirm({
    token: presented,
    password,
    clientAddress,
  }: PresentedConfirmation): Promise<Account> {
    const token = parseRegistrationToken(presented);
    if (token === undefined) throw this.refuse('registration_link_unknown', clientAddress);
    const registration = await this.pending.find(token, this.clock());
    const refusal = registration === undefined ? 'unknown' : registration.refusal;
    if (registration === undefined || refusal !== undefined) {
      throw this.refuse(`registration_link_${refusal ?? 'unknown'}`, clientAddress);
    }
    const { email } = registration;
    const chosen = this.newPasswords.parse(password, { email, hasSecondFactor: false });
    await this.newPasswords.requireUnbreached(chosen);
    const account = await this.openAtOnce(token, email, await this.passwords.hash(chosen));
    if (account === undefined) throw this.refuse('registration_link_used', clientAddress);
    this.events.record({
      type: 'account',
      outcome: 'succeeded',
      reason: 'account_registered',
      principal: account.id,
      clientAddress,
    });
    return account;
  }

  /** Undefined when the link was used, or the address got an account by another one, meanwhile. */
  private async openAtOnce(
    token: RegistrationToken,
    email: EmailAddress,
    passwordHash: string,
  ): Promise<Account | undefined> {
    const now = this.clock();
    const account = { email, passwordHash, scopes: NEW_ACCOUNT_SCOPES, createdAt: now };
    try {
      return await this.database.db.transaction().execute(async (transaction) => {
        // First: confirmations of one address wait for each other here, and then take no rows crosswise.
        const created = await this.accounts.create(account, transaction);
        if (created === undefined) throw new ConfirmationLost();
        if (!(await this.pending.use(transaction, token, email, now))) throw new ConfirmationLost();
        return created;
      });
    } catch (error) {
      if (error instanceof ConfirmationLost) return undefined;
      throw error;
    }
  }

  /** One answer for all; only the event tells them apart. */
  private refuse(reason: string, clientAddress: string | undefined): ServiceError {
    this.events.record({ type: 'account', outcome: 'refused', reason, clientAddress });
    return new ServiceError('INVALID_ARGUMENT', 'registration_confirmation_refused');
  }
}
