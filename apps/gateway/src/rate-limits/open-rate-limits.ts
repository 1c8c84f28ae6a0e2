import type { Logger } from '@sallyport/observability';
import type { Registry } from 'prom-client';
import { connectRedis, type RedisServer } from './connect-redis';
import { registerRateLimitMetrics } from './rate-limit.metrics';
import { RateLimits, type RateLimitsOptions } from './rate-limits';
import { WindowCounters } from './window-counters';

export interface OpenRateLimitsOptions extends Pick<RateLimitsOptions, 'scale' | 'gateways'> {
  readonly server: RedisServer;
  /** How long a request waits for its count. */
  readonly timeoutMs: number;
  readonly registry: Registry;
  readonly logger: Logger;
}

export interface OpenRateLimits {
  readonly rateLimits: RateLimits;
  close(): void;
}

/** Rate limits over the shared counters of a server, without waiting for them. */
export function openRateLimits(options: OpenRateLimitsOptions): OpenRateLimits {
  const { server, timeoutMs, registry, logger, scale, gateways } = options;
  const redis = connectRedis(server, timeoutMs);
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
