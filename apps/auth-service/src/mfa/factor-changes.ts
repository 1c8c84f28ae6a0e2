import { Inject, Injectable } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Principal } from '@sallyport/principal';
import type { Clock } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { AccountsRepository } from '../accounts/accounts.repository';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { forgetDevices } from '../devices/forget-devices';
import type { NoticeKind } from '../mail/mail-kind';
import { OwnerNotices } from '../mail/owner-notices';
import type { AuthConnection } from '../revocations/record-revocation';
import { RevocationsService } from '../revocations/revocations.service';
import type { EndedSessions } from '../sessions/ended-sessions';
import { SessionEndsRepository } from '../sessions/session-ends.repository';
import { hasSecondFactor } from './has-second-factor';
import { OwnCredentialsService } from './own-credentials.service';
import { hashRecoveryCodes, newRecoveryCodes } from './recovery-code';
import { RecoveryCodesRepository } from './recovery-codes.repository';

/** A change of the second factors of an account, by somebody who has proved to be its owner. */
export interface FactorChange {
  /** With the version of the credentials that were proved. */
  readonly account: Account;
  readonly principal: Principal;
  readonly clientAddress: string | undefined;
  /** Of the security event, and of what the owner is told. */
  readonly event: Extract<
    NoticeKind,
    'factor_enrolled' | 'factor_removed' | 'recovery_codes_regenerated'
  >;
  /** What the owner is told, where the event says too little. */
  readonly notice?: NoticeKind;
  /** In the transaction. False undoes it. */
  readonly make: (transaction: AuthConnection, now: Date) => Promise<boolean>;
}

/** Undoes the change. */
class ChangeLost extends Error {}

/** Changes second factors: with them, every other session of the account ends (R13). */
@Injectable()
export class FactorChanges {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly recoveryCodes: RecoveryCodesRepository,
    private readonly ends: SessionEndsRepository,
    private readonly revocations: RevocationsService,
    private readonly credentials: OwnCredentialsService,
    private readonly notices: OwnerNotices,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** Before anything is used up. @throws ServiceError UNAVAILABLE `dependency_unavailable` when no end could be made known */
  requireFeed(): void {
    this.revocations.requireFeed();
  }

  /**
   * Makes a change, voids the challenges of before, ends the other sessions, forgets the other devices, and has the owner told: all or nothing.
   *
   * @throws ServiceError UNAUTHENTICATED `mfa_refused` when the credentials changed since they were proved, the calling
   * session has ended, or the change undid itself
   */
  async make(change: FactorChange): Promise<void> {
    const { account, principal, clientAddress, event } = change;
    const now = this.clock();
    const ended = await this.makeAtOnce(change, now);
    if (!ended) throw this.credentials.refuseCode('account_changed', account, clientAddress);
    await this.revocations.deliver(ended.revocations);
    await this.credentials.forgetRefusedCodes(account, { principal, clientAddress });
    this.events.record({
      type: 'account',
      outcome: 'succeeded',
      reason: event,
      principal: account.id,
      session: principal.sessionId,
      clientAddress,
    });
  }

  /** The same, with another set of recovery codes, which nobody sees again. */
  async makeWithNewCodes(change: FactorChange): Promise<readonly string[]> {
    const codes = newRecoveryCodes();
    // Before the transaction: it takes long.
    const hashed = await hashRecoveryCodes(codes);
    await this.make({
      ...change,
      make: async (transaction, now) => {
        if (!(await change.make(transaction, now))) return false;
        await this.recoveryCodes.replace(transaction, change.account.id, hashed, now);
        return true;
      },
    });
    return codes;
  }

  private async makeAtOnce(
    { account, principal, event, notice = event, make }: FactorChange,
    now: Date,
  ): Promise<EndedSessions | undefined> {
    const sessionId = principal.sessionId ?? '';
    const ending = { reason: 'factor_changed', now } as const;
    try {
      return await this.database.db.transaction().execute(async (transaction) => {
        const started = await this.accounts.changeFactors(transaction, account);
        const live = await this.ends.lockLive(account.id, now, transaction);
        if (!started || !live.includes(sessionId)) throw new ChangeLost();
        const hadSecondFactor = await hasSecondFactor(transaction, account.id);
        if (!(await make(transaction, now))) throw new ChangeLost();
        await forgetDevices(transaction, account.id, { exceptOf: sessionId });
        await this.notices.send(transaction, account.id, { kind: notice, now, hadSecondFactor });
        return this.ends.allBut(account.id, sessionId, ending, transaction);
      });
    } catch (error) {
      if (error instanceof ChangeLost) return undefined;
      throw error;
    }
  }
}
