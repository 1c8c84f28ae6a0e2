import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RefreshThrottle } from './refresh-throttle';

export interface RedisRefreshThrottleOptions {
  readonly redis: Redis;
  /** Of one session, in a minute. */
  readonly refreshesPerMinute: number;
  readonly events: SecurityEvents;
}

const WINDOW_SECONDS = 60;

/**
 * Counts in the shared state, and while that is away in this process alone: unlike a guess at a password, a refresh proves
 * a secret of 256 bits, so that sessions need not stand still for want of a counter.
 */
export class RedisRefreshThrottle implements RefreshThrottle {
  readonly #limiter: RateLimiterRedis;
  readonly #events: SecurityEvents;

  constructor({ redis, refreshesPerMinute, events }: RedisRefreshThrottleOptions) {
    const limit = { points: refreshesPerMinute, duration: WINDOW_SECONDS };
    this.#limiter = new RateLimiterRedis({
      ...limit,
      storeClient: redis,
      keyPrefix: 'auth:throttle:refresh',
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory(limit),
    });
    this.#events = events;
  }

  async admit(sessionId: string, clientAddress: string | undefined): Promise<void> {
    try {
      await this.#limiter.consume(sessionId);
    } catch (failure) {
      if (!(failure instanceof RateLimiterRes)) throw failure;
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
}
