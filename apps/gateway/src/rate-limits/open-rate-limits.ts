import type { Logger } from '@sallyport/observability';
import type { Registry } from 'prom-client';
import { connectRedis } from './connect-redis';
import { registerRateLimitMetrics } from './rate-limit.metrics';
import { RateLimits, type RateLimitsOptions } from './rate-limits';
import { WindowCounters } from './window-counters';

export interface OpenRateLimitsOptions extends Pick<RateLimitsOptions, 'scale' | 'gateways'> {
  /** Holds a password. */
  readonly redisUrl: string;
  readonly registry: Registry;
  readonly logger: Logger;
}

export interface OpenRateLimits {
  readonly rateLimits: RateLimits;
  close(): void;
}

/** Rate limits over the shared counters at a URL, without waiting for them. */
export function openRateLimits(options: OpenRateLimitsOptions): OpenRateLimits {
  const { redisUrl, registry, logger, scale, gateways } = options;
  const redis = connectRedis(redisUrl);
  const counters = new WindowCounters({
    redis,
    onAlone: (isAlone, error) => {
      if (isAlone) logger.warn({ event: 'rate_limits_alone', error });
      else logger.info({ event: 'rate_limits_shared' });
    },
  });
  const told = registerRateLimitMetrics(registry, counters);
  return {
    rateLimits: new RateLimits({ counters, scale, gateways, ...told }),
    close: () => {
      redis.disconnect();
    },
  };
}
