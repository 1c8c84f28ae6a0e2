import { Inject, Injectable } from '@nestjs/common';
import { eachBatch } from '@sallyport/nest-zero-trust';
import type { RepeatedJob } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { AccountsRepository } from '../accounts/accounts.repository';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { MailOutbox } from '../mail/mail-outbox';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import { PasswordResetsRepository, RESET_LIFETIME_SECONDS } from './password-resets.repository';
import { newResetToken } from './reset-token';
import type { ResetRequest } from './reset-requests.repository';
import { ResetRequestsRepository } from './reset-requests.repository';

const INTERVAL_MS = 500;

/** Looks at the requests for a new password, after they have been answered, and has a link sent to those that have an account. */
@Injectable()
export class ResetRequestHandling implements RepeatedJob {
  readonly name = 'password_reset_requests';

  constructor(
    private readonly requests: ResetRequestsRepository,
    private readonly resets: PasswordResetsRepository,
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
    await this.resets.removeExpired(this.clock());
  }

  private async handleNext(): Promise<boolean> {
    const handled = await this.database.db.transaction().execute(async (transaction) => {
      const request = await this.requests.take(transaction);
      if (request === undefined) return undefined;
      const account = await this.accounts.findForUpdate(transaction, request.email);
      if (account?.lockedAt === undefined && account !== undefined) {
        await this.sendLink(transaction, account);
      }
      return { request, account };
    });
    if (handled === undefined) return false;
    this.recordHandled(handled.request, handled.account);
    return true;
  }

  private async sendLink(transaction: AuthConnection, { id: accountId }: Account): Promise<void> {
    const token = newResetToken();
    const now = this.clock();
    const expiresAt = laterBy(now, RESET_LIFETIME_SECONDS);
    await this.resets.open(transaction, accountId, token, { now, expiresAt });
    const mail = { accountId, kind: 'password_reset', secret: token, now, expiresAt } as const;
    await this.outbox.add(transaction, mail);
  }

  private recordHandled(
    { clientAddress, correlationId }: ResetRequest,
    account: Account | undefined,
  ): void {
    const isSent = account !== undefined && account.lockedAt === undefined;
    const refusal = account === undefined ? 'password_reset_unknown_account' : 'account_locked';
    this.events.record({
      type: 'account',
      outcome: isSent ? 'succeeded' : 'refused',
      reason: isSent ? 'password_reset_requested' : refusal,
      ...(account && { principal: account.id }),
      clientAddress,
      correlationId,
    });
  }
}
