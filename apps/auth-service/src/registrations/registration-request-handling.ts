import { Inject, Injectable } from '@nestjs/common';
import { eachBatch } from '@sallyport/nest-zero-trust';
import type { RepeatedJob } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { AccountsRepository } from '../accounts/accounts.repository';
import type { EmailAddress } from '../accounts/email-address';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { MailOutbox } from '../mail/mail-outbox';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import {
  PendingRegistrationsRepository,
  REGISTRATION_LIFETIME_SECONDS,
} from './pending-registrations.repository';
import type { RegistrationRequest } from './registration-requests.repository';
import { RegistrationRequestsRepository } from './registration-requests.repository';
import { newRegistrationToken } from './registration-token';

const INTERVAL_MS = 500;

/**
 * Looks at the requests for an account, after they have been answered: an address without one is sent a link, the owner of
 * one is told that somebody asked.
 */
@Injectable()
export class RegistrationRequestHandling implements RepeatedJob {
  readonly name = 'registration_requests';

  constructor(
    private readonly requests: RegistrationRequestsRepository,
    private readonly pending: PendingRegistrationsRepository,
    private readonly accounts: AccountsRepository,
    private readonly outbox: MailOutbox,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  pauseMs(): number {
    return INTERVAL_MS;
  }

  /** Handles all there are, one after the other. */
  async run(stopping?: AbortSignal): Promise<void> {
    await eachBatch(stopping, () => this.handleNext());
    await this.pending.removeExpired(this.clock());
  }

  private async handleNext(): Promise<boolean> {
    const handled = await this.database.db.transaction().execute(async (transaction) => {
      const request = await this.requests.take(transaction);
      if (request === undefined) return undefined;
      const account = await this.accounts.findForUpdate(transaction, request.email);
      if (account === undefined) await this.sendLink(transaction, request.email);
      else if (account.lockedAt === undefined) {
        await this.tellOwner(transaction, account.id);
      }
      return { request, account };
    });
    if (handled === undefined) return false;
    this.recordHandled(handled.request, handled.account);
    return true;
  }

  private async tellOwner(transaction: AuthConnection, accountId: string): Promise<void> {
    const now = this.clock();
    const expiresAt = laterBy(now, REGISTRATION_LIFETIME_SECONDS);
    await this.outbox.add(transaction, {
      accountId,
      kind: 'registration_repeated',
      now,
      expiresAt,
    });
  }

  private async sendLink(transaction: AuthConnection, address: EmailAddress): Promise<void> {
    const secret = newRegistrationToken();
    const now = this.clock();
    const expiresAt = laterBy(now, REGISTRATION_LIFETIME_SECONDS);
    await this.pending.open(transaction, address, secret, { now, expiresAt });
    await this.outbox.add(transaction, { address, kind: 'registration', secret, now, expiresAt });
  }

  private recordHandled(
    { clientAddress, correlationId }: RegistrationRequest,
    account: Account | undefined,
  ): void {
    const refusal =
      account?.lockedAt === undefined ? 'registration_known_account' : 'account_locked';
    this.events.record({
      type: 'account',
      outcome: account === undefined ? 'succeeded' : 'refused',
      reason: account === undefined ? 'registration_requested' : refusal,
      ...(account && { principal: account.id }),
      clientAddress,
      correlationId,
    });
  }
}
