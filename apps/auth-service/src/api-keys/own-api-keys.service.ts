import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Principal } from '@sallyport/principal';
import type { Clock } from '@sallyport/tokens';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { isUuid } from '../is-uuid';
import { RevocationsService } from '../revocations/revocations.service';
import type { ApiKey } from './api-key';
import { ApiKeysRepository } from './api-keys.repository';
import { endApiKeys } from './ended-api-keys';
import { hasApiKeyId } from './has-api-key-id';

/** What somebody may see and do about the keys they have. */
@Injectable()
export class OwnApiKeysService {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly revocations: RevocationsService,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** Those that live or have ended in the last 30 days, the newest first, at most 200. */
  async list(principal: Principal): Promise<readonly ApiKey[]> {
    return isAccount(principal) ? this.keys.list(principal.id, this.clock()) : [];
  }

  /**
   * @throws ServiceError NOT_FOUND `api_key_not_found`, also for a key of somebody else; UNAVAILABLE
   * `dependency_unavailable` when the end cannot be made known to the gateways.
   */
  async revoke(principal: Principal, id: string, clientAddress: string | undefined): Promise<void> {
    const ended = await this.end(principal, hasApiKeyId(id), clientAddress);
    if (ended === 0) throw new ServiceError('NOT_FOUND', 'api_key_not_found');
  }

  /** Says how many. @throws ServiceError UNAVAILABLE `dependency_unavailable` */
  revokeAll(principal: Principal, clientAddress: string | undefined): Promise<number> {
    return this.end(principal, sql`true`, clientAddress);
  }

  private async end(
    principal: Principal,
    condition: RawBuilder<unknown>,
    clientAddress: string | undefined,
  ): Promise<number> {
    this.revocations.requireFeed();
    if (!isAccount(principal)) return 0;
    const reason = 'api_key_revoked';
    const ofAccount = sql`account_id = ${principal.id} AND ${condition}`;
    const ending = { reason, now: this.clock() } as const;
    const { apiKeys, revocations } = await endApiKeys(this.database.db, ofAccount, ending);
    await this.revocations.deliver(revocations);
    for (const { id, accountId } of apiKeys) {
      this.events.record({
        type: 'api_key',
        outcome: 'succeeded',
        reason,
        principal: accountId,
        apiKeyId: id,
        clientAddress,
      });
    }
    return apiKeys.length;
  }
}

/** Whether a principal can have keys here. */
function isAccount({ type, id }: Principal): boolean {
  return type === 'user' && isUuid(id);
}
