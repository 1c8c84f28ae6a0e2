import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { BoundedMap } from './bounded-map';
import { WINDOW_SECONDS } from './rate-limit-policy';

/** What has been counted in the window that is open for a key, the request in question included. */
export interface Count {
  readonly consumed: number;
  readonly msLeft: number;
  /** Whether all gateways count together; otherwise this one counts by itself. */
  readonly isShared: boolean;
}

export interface WindowCountersOptions {
  /** Fails at once while it is away. This counts by itself until it is back. */
  readonly redis: Redis;
  /** How long Redis is left alone after it has failed, in milliseconds: a hung one is not waited for each time. */
  readonly pauseMs?: number;
  /** Told when this gateway begins and ceases to count by itself. */
  readonly onAlone?: (isAlone: boolean, cause?: unknown) => void;
}

/** Counts are compared with a quota by whoever asks, so that any number of quotas needs one counter. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** No entry lives longer than a window; what is pushed out costs a question to Redis. */
const MOST_SPENT_KEYS = 50_000;

const PAUSE_MS = 1_000;

/**
 * Counts requests by key in windows that open with the first of them: one atomic script in Redis for each, shared by all
 * gateways. While Redis is away each gateway counts in its own memory, which knows nothing of what was counted before.
 *
 * A key that is found over its quota is remembered until its window ends, so that a flood costs Redis nothing.
 */
export class WindowCounters {
  readonly #shared: RateLimiterRedis;
  readonly #own = new RateLimiterMemory({ points: UNLIMITED, duration: WINDOW_SECONDS });
  readonly #spent = new BoundedMap<string, { readonly consumed: number; readonly until: number }>(
    MOST_SPENT_KEYS,
  );
  readonly #pauseMs: number;
  readonly #onAlone: NonNullable<WindowCountersOptions['onAlone']>;
  #isAlone = false;
  #pausedUntil = -Infinity;

  constructor({ redis, pauseMs = PAUSE_MS, onAlone = () => undefined }: WindowCountersOptions) {
    this.#shared = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: 'gateway:requests',
      points: UNLIMITED,
      duration: WINDOW_SECONDS,
      rejectIfRedisNotReady: true,
    });
    this.#pauseMs = pauseMs;
    this.#onAlone = onAlone;
  }

  /** Whether this gateway counts by itself, as of the last request. */
  get isAlone(): boolean {
    return this.#isAlone;
  }

  /** Counts a request. Never rejects. */
  async count(key: string): Promise<Count> {
    if (performance.now() < this.#pausedUntil) return this.#countAlone(key);
    try {
      const { consumedPoints, msBeforeNext } = await this.#shared.consume(key);
      this.#setAlone(false);
      return { consumed: consumedPoints, msLeft: msBeforeNext, isShared: true };
    } catch (error) {
      this.#pausedUntil = performance.now() + this.#pauseMs;
      this.#setAlone(true, error);
      return this.#countAlone(key);
    }
  }

  /** Remembers that a key has nothing left in its window. */
  spend(key: string, { consumed, msLeft }: Count): void {
    this.#spent.set(key, { consumed, until: performance.now() + msLeft });
  }

  /** Milliseconds until the window ends in which more than the quota is known to be counted; 0 when it is not. */
  msSpent(key: string, quota: number): number {
    const spent = this.#spent.get(key);
    if (spent === undefined || spent.consumed <= quota) return 0;
    const msLeft = spent.until - performance.now();
    if (msLeft > 0) return msLeft;
    this.#spent.delete(key);
    return 0;
  }

  async #countAlone(key: string): Promise<Count> {
    const { consumedPoints, msBeforeNext } = await this.#own.consume(key);
    return { consumed: consumedPoints, msLeft: msBeforeNext, isShared: false };
  }

  #setAlone(isAlone: boolean, cause?: unknown): void {
    if (this.#isAlone === isAlone) return;
    this.#isAlone = isAlone;
    this.#onAlone(isAlone, cause);
  }
}
