import { Redis } from 'ioredis';
import { RateLimits, type RateLimitsOptions } from './rate-limits';
import { WindowCounters } from './window-counters';

/** Rate limits that are counted in this process alone. */
export function ownRateLimits(options: Partial<Omit<RateLimitsOptions, 'counters'>>): RateLimits {
  const redis = new Redis({ lazyConnect: true, enableOfflineQueue: false });
  const counters = new WindowCounters({ redis });
  return new RateLimits({ counters, scale: 1, gateways: 1, ...options });
}
