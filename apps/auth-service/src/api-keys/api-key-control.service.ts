import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { AccountsRepository } from '../accounts/accounts.repository';
import { findNamedAccount } from '../accounts/find-named-account';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { RevocationsService } from '../revocations/revocations.service';
import type { ApiKey } from './api-key';
import { ApiKeysRepository } from './api-keys.repository';
import { endApiKeys } from './ended-api-keys';
import { hasApiKeyId } from './has-api-key-id';

/** Who gives an order: the id of the operator's account, undefined at the command line of the service itself. */
type Operator = string | undefined;

/**
 * What operators do to API keys of others. Recorded whether or not the feed is there: an operator in need must not have to
 * wait for Redis, and while it is gone the gateways refuse everything anyway.
 */
@Injectable()
export class ApiKeyControlService {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly keys: ApiKeysRepository,
    private readonly revocations: RevocationsService,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** The keys of an account, as its owner sees them. @throws ServiceError NOT_FOUND `account_not_found` */
  async list(named: string): Promise<readonly ApiKey[]> {
    const { id } = await findNamedAccount(this.accounts, named);
    return this.keys.list(id, this.clock());
  }

  /** Ends one key. @throws ServiceError NOT_FOUND `api_key_not_found` */
  async revoke(apiKeyId: string, operator: Operator): Promise<void> {
    const ended = await this.end(hasApiKeyId(apiKeyId), operator);
    if (ended === 0) throw apiKeyNotFound();
  }

  /** Ends all keys of an account. @throws ServiceError NOT_FOUND `account_not_found` */
  async revokeAll(
    named: string,
    operator: Operator,
  ): Promise<{ readonly id: string; readonly revokedKeys: number }> {
    const { id } = await findNamedAccount(this.accounts, named);
    return { id, revokedKeys: await this.end(sql`account_id = ${id}`, operator) };
  }

  /**
   * Gives a key a limit of its own in requests a minute, or with undefined the usual one. Gateways go by what they were
   * told before for up to a minute.
   *
   * @throws ServiceError NOT_FOUND `api_key_not_found`
   */
  async limit(
    apiKeyId: string,
    requestsPerMinute: number | undefined,
    operator: Operator,
  ): Promise<void> {
    const isSet = await this.keys.setLimit(apiKeyId, requestsPerMinute, this.clock());
    if (!isSet) throw apiKeyNotFound();
    this.record('api_key_limited', apiKeyId, operator);
  }

  private async end(condition: RawBuilder<unknown>, operator: Operator): Promise<number> {
    const reason = 'api_key_revoked';
    const ending = { reason, now: this.clock() } as const;
    const { apiKeys, revocations } = await endApiKeys(this.database.db, condition, ending);
    await this.revocations.deliver(revocations);
    for (const { id, accountId } of apiKeys) this.record(reason, id, operator, accountId);
    return apiKeys.length;
  }

  private record(reason: string, apiKeyId: string, operator: Operator, target?: string): void {
    this.events.record({
      type: 'api_key',
      outcome: 'succeeded',
      reason,
      principal: operator,
      apiKeyId,
      ...(target !== undefined && { target }),
    });
  }
}

function apiKeyNotFound(): ServiceError {
  return new ServiceError('NOT_FOUND', 'api_key_not_found');
}
