import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { RepeatedPasses } from '@sallyport/nest-zero-trust';
import type { Logger, SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { AccountsRepository } from '../accounts/accounts.repository';
import { CLOCK, DATABASE, LOGGER, SECURITY_EVENTS } from '../app.tokens';
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
export class ResetRequestHandling implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly passes = new RepeatedPasses(
    () => this.run(),
    () => INTERVAL_MS,
  );

  constructor(
    private readonly requests: ResetRequestsRepository,
    private readonly resets: PasswordResetsRepository,
    private readonly accounts: AccountsRepository,
    private readonly outbox: MailOutbox,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.passes.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.passes.stop();
  }

  /** Handles all there are, one after the other. Never rejects: what is left is taken the next time. */
  async run(): Promise<void> {
    try {
      while (!this.passes.isStopped && (await this.handleNext()));
      await this.resets.removeExpired(this.clock());
    } catch (error) {
      this.logger.warn({ event: 'password_reset_requests_failed', error });
    }
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
