import { Inject, Injectable } from '@nestjs/common';
import type { PresentedApiKey } from '@sallyport/api-keys';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Logger, SecurityEvents } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, LOGGER, SECURITY_EVENTS } from '../app.tokens';
import { laterBy } from '../revocations/record-revocation';
import { LAST_USED_SECONDS } from './api-key';
import { standingOf, type ApiKeyRefusal } from './api-key-standing';
import { PresentedApiKeysRepository, type PresentedSecret } from './presented-api-keys.repository';

/** What a presented key stands for. */
export interface ResolvedApiKey {
  readonly accountId: string;
  readonly scopes: readonly string[];
  /** When the presented secret works no more; undefined when it goes on. */
  readonly validUntil: Date | undefined;
  readonly requestsPerMinute: number | undefined;
}

/** Tells the gateway what presented keys stand for. */
@Injectable()
export class ApiKeyResolutionService {
  constructor(
    private readonly keys: PresentedApiKeysRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * The key's scopes as far as the account holds them now. That it was used is noted behind the answer's back: not to be
   * able to is no reason to refuse.
   *
   * @throws ServiceError UNAUTHENTICATED `invalid_api_key`; why is told the log and the security event alone.
   */
  async resolve(
    presented: PresentedApiKey,
    clientAddress: string | undefined,
  ): Promise<ResolvedApiKey> {
    const now = this.clock();
    const record = await this.keys.find(presented);
    const standing = standingOf(record, now);
    if (standing.refusal !== undefined) {
      this.refuse(standing.refusal, presented.id, record?.accountId, clientAddress);
      throw new ServiceError('UNAUTHENTICATED', 'invalid_api_key', standing.refusal);
    }
    const { accountId, scopes, accountScopes, secret, expiresAt, requestsPerMinute } = standing.key;
    this.noteUse(presented, secret, now);
    return {
      accountId,
      scopes: scopes.filter((scope) => accountScopes.includes(scope)),
      // That of the previous secret is never after the key's own.
      validUntil: secret.validUntil ?? expiresAt,
      requestsPerMinute,
    };
  }

  private noteUse(presented: PresentedApiKey, { lastUsedAt }: PresentedSecret, now: Date): void {
    if (lastUsedAt !== undefined && lastUsedAt > laterBy(now, -LAST_USED_SECONDS)) return;
    this.keys.markUsed(presented, now).catch((error: unknown) => {
      this.logger.warn({ event: 'api_key_use_not_noted', apiKeyId: presented.id, error });
    });
  }

  private refuse(
    reason: ApiKeyRefusal,
    apiKeyId: string,
    principal: string | undefined,
    clientAddress: string | undefined,
  ): void {
    this.events.record({
      type: 'api_key',
      outcome: 'refused',
      reason,
      principal,
      apiKeyId,
      clientAddress,
    });
  }
}
