import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { FeedContents } from '@sallyport/revocation';
import type { Clock } from '@sallyport/tokens';
import { sql } from 'kysely';
import { endApiKeys } from '../api-keys/ended-api-keys';
import { API_KEY_REVOCATION_SECONDS } from '../api-keys/api-key';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { PartnerCredentialsRepository } from '../partners/partner-credentials.repository';
import {
  KEY_REVOCATION_MEMORY_SECONDS,
  laterBy,
  recordRevocation,
} from '../revocations/record-revocation';
import { SessionEndsRepository } from '../sessions/session-ends.repository';
import { SigningKeysService } from '../signing-keys/signing-keys.service';
import { repeatLostRevocations, type LostRevocations } from './lost-revocations';
import { voidOneUse } from './void-one-use';

export interface RestorationOrder {
  /** The moment that the database was restored to. */
  readonly backupTakenAt: Date;
  /** As it was found in Redis; undefined when that was lost as well. */
  readonly feed: FeedContents | undefined;
  /** Whether API keys go on although nobody can tell which of them were revoked since the backup. */
  readonly keepApiKeys: boolean;
}

export interface Restoration {
  readonly taintedKeys: readonly string[];
  readonly activeKey: string;
  readonly endedSessions: number;
  readonly voided: ReadonlyMap<string, number>;
  /** Undefined without a feed that reaches back to the backup. */
  readonly lost: LostRevocations | undefined;
  /** All there were, because nobody can tell which were revoked since; undefined when they go on. */
  readonly endedApiKeys: number | undefined;
}

/** So many sessions end with one statement. */
const ENDED_AT_ONCE = 1_000;

/**
 * What has to be done to the database of auth-service once it was restored to an earlier moment, before anybody uses it: what
 * was ended or used up since would work again.
 *
 * Every signing key is withdrawn, which ends all access tokens, those of accounts and sessions too that the backup does not
 * know. Every session ends, everything that works once is void, and what the revocation feed still tells is done again. An
 * order that was interrupted is repeated.
 */
@Injectable()
export class RestorationService {
  constructor(
    private readonly keys: SigningKeysService,
    private readonly ends: SessionEndsRepository,
    private readonly partners: PartnerCredentialsRepository,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** @throws ServiceError INVALID_ARGUMENT `backup_time_invalid` for a moment that is yet to come */
  async afterRestore(order: RestorationOrder): Promise<Restoration> {
    const { backupTakenAt } = order;
    const now = this.clock();
    if (backupTakenAt > now) throw new ServiceError('INVALID_ARGUMENT', 'backup_time_invalid');
    const feed = usableFeed(order, now);
    const { voided, lost, endedApiKeys } = await this.database.db
      .transaction()
      .execute(async (transaction) => ({
        lost:
          feed &&
          (await repeatLostRevocations(transaction, feed.revocations, {
            partners: this.partners,
            now,
          })),
        endedApiKeys:
          feed === undefined && !order.keepApiKeys
            ? (await endApiKeys(transaction, sql`true`, { reason: 'api_key_revoked', now })).apiKeys
                .length
            : undefined,
        voided: await voidOneUse(transaction, now),
      }));
    const taintedKeys = await this.taintEverything();
    const endedSessions = await this.endSessions();
    this.events.record({
      type: 'audit',
      outcome: 'succeeded',
      reason: 'database_restored',
      target: backupTakenAt.toISOString(),
    });
    const { kid: activeKey } = await this.keys.active();
    return { taintedKeys, activeKey, endedSessions, voided, lost, endedApiKeys };
  }

  /** One after the other, the one that signs last: a prepared one could take its place otherwise. */
  private async taintEverything(): Promise<readonly string[]> {
    const kids: string[] = [];
    const known = (await this.keys.list()).filter(({ state }) => state !== 'tainted');
    const rank = (state: string): number => (state === 'active' ? 1 : 0);
    for (const { kid } of known.toSorted((a, b) => rank(a.state) - rank(b.state))) {
      await this.keys.taint(kid, (transaction) => {
        const recordedAt = this.clock();
        const expiresAt = laterBy(recordedAt, KEY_REVOCATION_MEMORY_SECONDS);
        const key = { kind: 'signing_key', revokedId: kid, recordedAt, expiresAt } as const;
        return recordRevocation(transaction, { ...key, reason: 'database_restored' });
      });
      kids.push(kid);
    }
    return kids;
  }

  private async endSessions(): Promise<number> {
    for (let count = 0; ;) {
      const ending = { reason: 'ended_by_operator', now: this.clock() } as const;
      const { sessions } = await this.ends.some(ENDED_AT_ONCE, ending);
      count += sessions.length;
      if (sessions.length < ENDED_AT_ONCE) return count;
    }
  }
}

/**
 * A feed is of use when somebody has vouched for it since the backup, and when the backup is not older than what the feed
 * remembers of API keys.
 */
function usableFeed(
  { feed, backupTakenAt }: RestorationOrder,
  now: Date,
): FeedContents | undefined {
  if (feed?.completeAt === undefined || feed.completeAt < backupTakenAt) return undefined;
  return laterBy(backupTakenAt, API_KEY_REVOCATION_SECONDS) > now ? feed : undefined;
}
