import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Redis } from 'ioredis';
import type { ExchangeThrottle } from './exchange-throttle';
import { MinuteQuota } from './minute-quota';

export interface RedisExchangeThrottleOptions {
  readonly redis: Redis;
  /** Of one workload, in a minute. */
  readonly exchangesPerMinute: number;
  readonly events: SecurityEvents;
}

/**
 * Goes on without the shared state: the caller has proven who it is, so that nothing is guessed here, and orders need not stay
 * unsettled for want of a counter.
 */
export class RedisExchangeThrottle implements ExchangeThrottle {
  readonly #quota: MinuteQuota;
  readonly #events: SecurityEvents;

  constructor({ redis, exchangesPerMinute: perMinute, events }: RedisExchangeThrottleOptions) {
    this.#quota = new MinuteQuota({ redis, perMinute, keyPrefix: 'auth:throttle:exchange' });
    this.#events = events;
  }

  async admit(workload: string): Promise<void> {
    if (!(await this.#quota.isExceededBy(workload))) return;
    const reason = 'too_many_attempts';
    this.#events.record({ type: 'token', outcome: 'refused', reason, caller: workload });
    throw new ServiceError('RESOURCE_EXHAUSTED', reason);
  }
}
