import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Redis } from 'ioredis';
import { MinuteQuota } from './minute-quota';
import type { RefreshThrottle } from './refresh-throttle';

export interface RedisRefreshThrottleOptions {
  readonly redis: Redis;
  /** Of one session, in a minute. */
  readonly refreshesPerMinute: number;
  readonly events: SecurityEvents;
}

/**
 * Goes on without the shared state: unlike a guess at a password, a refresh proves a secret of 256 bits, so that sessions need not
 * stand still for want of a counter.
 */
export class RedisRefreshThrottle implements RefreshThrottle {
  readonly #quota: MinuteQuota;
  readonly #events: SecurityEvents;

  constructor({ redis, refreshesPerMinute: perMinute, events }: RedisRefreshThrottleOptions) {
    this.#quota = new MinuteQuota({ redis, perMinute, keyPrefix: 'auth:throttle:refresh' });
    this.#events = events;
  }

  async admit(sessionId: string, clientAddress: string | undefined): Promise<void> {
    if (!(await this.#quota.isExceededBy(sessionId))) return;
    const reason = 'too_many_attempts';
    this.#events.record({
      type: 'session',
      outcome: 'refused',
      reason,
      session: sessionId,
      clientAddress,
    });
    throw new ServiceError('RESOURCE_EXHAUSTED', reason);
  }
}
