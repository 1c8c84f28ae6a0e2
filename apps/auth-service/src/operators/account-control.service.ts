import { Inject, Injectable } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { RecordedRevocation } from '@sallyport/revocation';
import type { Clock } from '@sallyport/tokens';
import { sql } from 'kysely';
import type { Account } from '../accounts/account';
import { AccountsRepository } from '../accounts/accounts.repository';
import { accountNotFound, findNamedAccount } from '../accounts/find-named-account';
import { endApiKeys } from '../api-keys/ended-api-keys';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { forgetDevices } from '../devices/forget-devices';
import { OwnerNotices } from '../mail/owner-notices';
import { removeSecondFactors } from '../mfa/remove-second-factors';
import { recordRevocation } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import { RevocationsService } from '../revocations/revocations.service';
import type { SessionEnd } from '../sessions/session';
import { SessionEndsRepository } from '../sessions/session-ends.repository';

/** Who gives an order: the id of the operator's account, undefined at the command line of the service itself. */
export type Operator = string | undefined;

/** What an order came to. */
export interface Ended {
  /** Of the account. */
  readonly id: string;
  readonly endedSessions: number;
}

interface Order {
  readonly event: string;
  readonly reason: SessionEnd;
  readonly operator: Operator;
  /** Starts the epoch; undefined when the account is gone. */
  readonly startEpoch: (
    connection: AuthConnection,
    id: string,
    now: Date,
  ) => Promise<Date | undefined>;
  /** In the same transaction, last; resolves with what it revoked. */
  readonly finally?: (
    connection: AuthConnection,
    id: string,
    now: Date,
  ) => Promise<readonly RecordedRevocation[]>;
}

/**
 * What operators do to accounts. Each order is one transaction, recorded whether or not the feed is there: an operator
 * in need must not have to wait for Redis, and while it is gone the gateways refuse everything anyway.
 */
@Injectable()
export class AccountControlService {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly ends: SessionEndsRepository,
    private readonly revocations: RevocationsService,
    private readonly notices: OwnerNotices,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * Keeps an account from signing in and its API keys from working, ends its sessions and tokens, and forgets its devices. The
   * revocation of the subject makes gateways ask again about its keys.
   *
   * @throws ServiceError NOT_FOUND `account_not_found`
   */
  lock(named: string, operator: Operator): Promise<Ended> {
    return this.end(named, {
      event: 'account_locked',
      reason: 'account_locked',
      operator,
      startEpoch: (connection, id, now) => this.accounts.lock(connection, id, now),
      finally: async (connection, id) => {
        await forgetDevices(connection, id);
        return [];
      },
    });
  }

  /** Lets an account sign in again, and its API keys work; what was ended stays so. @throws ServiceError NOT_FOUND `account_not_found` */
  async unlock(named: string, operator: Operator): Promise<Account> {
    const account = await this.find(named);
    await this.accounts.unlock(account.id);
    this.record('account_unlocked', account.id, operator);
    return account;
  }

  /** Ends all sessions and tokens of an account. @throws ServiceError NOT_FOUND `account_not_found` */
  endSessions(named: string, operator: Operator): Promise<Ended> {
    return this.end(named, {
      event: 'account_sessions_ended',
      reason: 'ended_by_operator',
      operator,
      startEpoch: (connection, id, now) => this.accounts.startEpoch(connection, id, now),
    });
  }

  /**
   * Takes the second factors of an account away, for an owner who has lost them, ends its sessions and tokens, and has the
   * owner told: the password alone signs in again.
   *
   * @throws ServiceError NOT_FOUND `account_not_found`
   */
  removeFactors(named: string, operator: Operator): Promise<Ended> {
    return this.end(named, {
      event: 'factor_removed',
      reason: 'factor_changed',
      operator,
      startEpoch: (connection, id, now) => this.accounts.startEpoch(connection, id, now),
      finally: async (connection, id, now) => {
        await removeSecondFactors(connection, id);
        await forgetDevices(connection, id);
        await this.notices.send(connection, id, { kind: 'factor_removed', now });
        await this.accounts.voidProofs(connection, id);
        return [];
      },
    });
  }

  /**
   * Gives an account exactly these scopes, and ends its sessions and tokens, which say what it had. Those of its API keys that it
   * does not hold any more are in no token of theirs.
   *
   * @param scopes each as OAuth writes it (RFC 6749 section 3.3)
   * @throws ServiceError NOT_FOUND `account_not_found`
   */
  setScopes(named: string, scopes: readonly string[], operator: Operator): Promise<Ended> {
    return this.end(named, {
      event: 'account_scopes_set',
      reason: 'ended_by_operator',
      operator,
      startEpoch: (connection, id, now) => this.accounts.startEpoch(connection, id, now),
      finally: async (connection, id) => {
        await this.accounts.setScopes(connection, id, scopes);
        return [];
      },
    });
  }

  /** Removes an account and ends its sessions, tokens and API keys. @throws ServiceError NOT_FOUND `account_not_found` */
  delete(named: string, operator: Operator): Promise<Ended> {
    return this.end(named, {
      event: 'account_deleted',
      reason: 'ended_by_operator',
      operator,
      startEpoch: (connection, id, now) => this.accounts.startEpoch(connection, id, now),
      finally: async (connection, id, now) => {
        const ending = { reason: 'account_deleted', now } as const;
        const { revocations } = await endApiKeys(connection, sql`account_id = ${id}`, ending);
        await this.accounts.delete(connection, id);
        return revocations;
      },
    });
  }

  private async end(named: string, order: Order): Promise<Ended> {
    const { id } = await this.find(named);
    const { reason, event, operator } = order;
    const now = this.clock();
    const { sessions, revocations } = await this.database.db
      .transaction()
      .execute(async (transaction) => {
        const issuedBefore = await order.startEpoch(transaction, id, now);
        if (!issuedBefore) throw accountNotFound();
        const ended = await this.ends.all(id, { reason, now }, transaction);
        const epoch = await recordRevocation(transaction, {
          kind: 'subject',
          revokedId: id,
          issuedBefore,
          reason: event,
          recordedAt: now,
        });
        const last = (await order.finally?.(transaction, id, now)) ?? [];
        return { ...ended, revocations: [...ended.revocations, epoch, ...last] };
      });
    await this.revocations.deliver(revocations);
    this.record(event, id, operator);
    return { id, endedSessions: sessions.length };
  }

  private find(named: string): Promise<Account> {
    return findNamedAccount(this.accounts, named);
  }

  private record(reason: string, accountId: string, operator: Operator): void {
    this.events.record({
      type: 'account',
      outcome: 'succeeded',
      reason,
      principal: operator,
      target: accountId,
    });
  }
}
