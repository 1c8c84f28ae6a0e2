import { Inject, Injectable } from '@nestjs/common';
import { mintApiKey, mintSecret } from '@sallyport/api-keys';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvent, SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Principal } from '@sallyport/principal';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import { RevocationsService } from '../revocations/revocations.service';
import { SESSION_POLICY } from '../sessions/session-policy';
import type { SessionPolicy } from '../sessions/session-policy';
import { LONGEST_OVERLAP_SECONDS, MOST_LIVE_API_KEYS, type IssuedApiKey } from './api-key';
import { ApiKeysRepository } from './api-keys.repository';
import { recordSupersededSecrets } from './ended-api-keys';
import { holdKeyMaker, keyMakerOf, type KeyMaker } from './key-maker';
import { parseWantedApiKey, type WantedApiKey } from './wanted-api-key';

/** Gives out secrets of API keys: to users in a live session, each secret once. */
@Injectable()
export class ApiKeyIssuanceService {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly revocations: RevocationsService,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(SESSION_POLICY) private readonly policy: SessionPolicy,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * Makes a key, which may hold what both the session and the account hold, but not `api-keys:manage`.
   *
   * @throws ServiceError PERMISSION_DENIED `session_required`, `scope_not_held`; UNAUTHENTICATED `session_ended`;
   * RESOURCE_EXHAUSTED `too_many_api_keys`; and what {@link parseWantedApiKey} throws.
   */
  create(
    principal: Principal,
    wanted: WantedApiKey,
    clientAddress: string | undefined,
  ): Promise<IssuedApiKey> {
    return this.recorded('api_key_created', { principal: principal.id, clientAddress }, (now) => {
      const maker = keyMakerOf(principal);
      const accepted = parseWantedApiKey(wanted, now);
      return this.transaction(maker, now, async (transaction, accountScopes) => {
        const { accountId } = maker;
        const isHeld = (scope: string) =>
          principal.scopes.has(scope) && accountScopes.includes(scope);
        if (!accepted.scopes.every(isHeld)) {
          throw new ServiceError('PERMISSION_DENIED', 'scope_not_held');
        }
        if ((await this.keys.countLive(transaction, accountId, now)) >= MOST_LIVE_API_KEYS) {
          throw new ServiceError('RESOURCE_EXHAUSTED', 'too_many_api_keys');
        }
        const minted = mintApiKey();
        const key = { ...accepted, accountId, createdAt: now };
        const apiKey = await this.keys.create(transaction, key, minted);
        return { apiKey, presentedKey: minted.presentedKey };
      });
    });
  }

  /**
   * Gives a key a new secret. The one before works for the overlap, 0 to 30 days, but not beyond the end of the key; the
   * one before that no more. What ends at once is withdrawn at the gateways.
   *
   * @throws ServiceError PERMISSION_DENIED `session_required`; UNAUTHENTICATED `session_ended`; INVALID_ARGUMENT
   * `api_key_overlap_invalid`; NOT_FOUND `api_key_not_found`, also for a key of somebody else; UNAVAILABLE
   * `dependency_unavailable` when the end of a secret cannot be made known to the gateways.
   */
  rotate(
    principal: Principal,
    { id, overlapSeconds }: { readonly id: string; readonly overlapSeconds: number },
    clientAddress: string | undefined,
  ): Promise<IssuedApiKey> {
    const about = { principal: principal.id, apiKeyId: id, clientAddress };
    return this.recorded('api_key_rotated', about, async (now) => {
      const maker = keyMakerOf(principal);
      if (!isOverlap(overlapSeconds)) {
        throw new ServiceError('INVALID_ARGUMENT', 'api_key_overlap_invalid');
      }
      this.revocations.requireFeed();
      const { records, ...issued } = await this.transaction(maker, now, async (transaction) => {
        const { accountId } = maker;
        const live = await this.keys.holdLive(transaction, { id, accountId }, now);
        if (!live) throw new ServiceError('NOT_FOUND', 'api_key_not_found');
        const minted = mintSecret(id);
        const validUntil = earlier(laterBy(now, overlapSeconds), live.expiresAt);
        const ended = await this.keys.rotate(transaction, minted, { now, validUntil });
        return {
          apiKey: await this.keys.find(transaction, id, now),
          presentedKey: minted.presentedKey,
          records: await recordSupersededSecrets(transaction, { id, secretHashes: ended, now }),
        };
      });
      await this.revocations.deliver(records);
      return issued;
    });
  }

  private transaction<T>(
    maker: KeyMaker,
    now: Date,
    work: (transaction: AuthConnection, accountScopes: readonly string[]) => Promise<T>,
  ): Promise<T> {
    const at = { policy: this.policy, now };
    return this.database.db
      .transaction()
      .execute(async (transaction) =>
        work(transaction, await holdKeyMaker(transaction, maker, at)),
      );
  }

  /** Records what was given out, and what was asked for without the right to. */
  private async recorded(
    reason: string,
    about: Pick<SecurityEvent, 'principal' | 'apiKeyId' | 'clientAddress'>,
    work: (now: Date) => Promise<IssuedApiKey>,
  ): Promise<IssuedApiKey> {
    try {
      const issued = await work(this.clock());
      const apiKeyId = issued.apiKey.id;
      this.events.record({ type: 'api_key', outcome: 'succeeded', reason, ...about, apiKeyId });
      return issued;
    } catch (error) {
      if (error instanceof ServiceError && RECORDED_STATUSES.has(error.status)) {
        this.events.record({
          type: 'api_key',
          outcome: 'refused',
          reason: error.reason,
          ...about,
        });
      }
      throw error;
    }
  }
}

const RECORDED_STATUSES: ReadonlySet<string> = new Set([
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'RESOURCE_EXHAUSTED',
]);

function isOverlap(seconds: number): boolean {
  return Number.isSafeInteger(seconds) && seconds >= 0 && seconds <= LONGEST_OVERLAP_SECONDS;
}

function earlier(one: Date, other: Date | undefined): Date {
  return other !== undefined && other < one ? other : one;
}
