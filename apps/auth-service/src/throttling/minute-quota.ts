import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

const WINDOW_SECONDS = 60;

export interface MinuteQuotaOptions {
  readonly redis: Redis;
  /** Of one who is counted, in a minute from the first on. */
  readonly perMinute: number;
  readonly keyPrefix: string;
}

/** Counts in the shared state, and while that is away in this process alone: for those who have proven who they are. */
export class MinuteQuota {
  readonly #limiter: RateLimiterRedis;

  constructor({ redis, perMinute, keyPrefix }: MinuteQuotaOptions) {
    const limit = { points: perMinute, duration: WINDOW_SECONDS };
    this.#limiter = new RateLimiterRedis({
      ...limit,
      storeClient: redis,
      keyPrefix,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory(limit),
    });
  }

  /** Counts one more; whether it is one too many. */
  async isExceededBy(id: string): Promise<boolean> {
    try {
      await this.#limiter.consume(id);
      return false;
    } catch (failure) {
      if (failure instanceof RateLimiterRes) return true;
      throw failure;
    }
  }
}
