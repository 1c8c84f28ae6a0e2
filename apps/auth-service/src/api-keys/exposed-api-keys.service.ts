import { Inject, Injectable } from '@nestjs/common';
import type { PresentedApiKey } from '@sallyport/api-keys';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { RevocationsService } from '../revocations/revocations.service';
import { standingOf } from './api-key-standing';
import { endApiKeys } from './ended-api-keys';
import { hasApiKeyId } from './has-api-key-id';
import { PresentedApiKeysRepository } from './presented-api-keys.repository';

/** Ends keys that others may have seen. */
@Injectable()
export class ExposedApiKeysService {
  constructor(
    private readonly keys: PresentedApiKeysRepository,
    private readonly revocations: RevocationsService,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * Ends the key, with both of its secrets, when the presented one works; who may is whoever has it. A key that is unknown,
   * has another secret or has ended is no error.
   *
   * @throws ServiceError UNAVAILABLE `dependency_unavailable` when the end cannot be made known to the gateways.
   */
  async revoke(presented: PresentedApiKey, clientAddress: string | undefined): Promise<void> {
    const now = this.clock();
    const record = await this.keys.find(presented);
    const { refusal } = standingOf(record, now);
    // A key that leaked while its account is locked would work again once that is unlocked.
    if (refusal !== undefined && refusal !== 'account_locked') return;
    this.revocations.requireFeed();
    const reason = 'api_key_exposed';
    const { apiKeys, revocations } = await endApiKeys(this.database.db, hasApiKeyId(presented.id), {
      reason,
      now,
    });
    if (apiKeys.length === 0) return;
    await this.revocations.deliver(revocations);
    this.events.record({
      type: 'api_key',
      outcome: 'succeeded',
      reason,
      principal: record?.accountId,
      apiKeyId: presented.id,
      clientAddress,
    });
  }
}
