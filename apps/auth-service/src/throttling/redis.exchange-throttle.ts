import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { ExchangeThrottle } from './exchange-throttle';

export interface RedisExchangeThrottleOptions {
  readonly redis: Redis;
  /** Of one workload, in a minute. */
  readonly exchangesPerMinute: number;
  readonly events: SecurityEvents;
}

const WINDOW_SECONDS = 60;

/**
 * Counts in the shared state, and while that is away in this process alone: the caller has proven who it is, so that nothing
 * is guessed here, and orders need not stay unsettled for want of a counter.
 */
export class RedisExchangeThrottle implements ExchangeThrottle {
  readonly #limiter: RateLimiterRedis;
  readonly #events: SecurityEvents;

  constructor({ redis, exchangesPerMinute, events }: RedisExchangeThrottleOptions) {
    const limit = { points: exchangesPerMinute, duration: WINDOW_SECONDS };
    this.#limiter = new RateLimiterRedis({
      ...limit,
      storeClient: redis,
      keyPrefix: 'auth:throttle:exchange',
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory(limit),
    });
    this.#events = events;
  }

  async admit(workload: string): Promise<void> {
    try {
      await this.#limiter.consume(workload);
    } catch (failure) {
      if (!(failure instanceof RateLimiterRes)) throw failure;
      const reason = 'too_many_attempts';
      this.#events.record({ type: 'token', outcome: 'refused', reason, caller: workload });
      throw new ServiceError('RESOURCE_EXHAUSTED', reason);
    }
  }
}
