import { Counter, Gauge, type Registry } from 'prom-client';
import type { RateLimitsOptions } from './rate-limits';
import type { WindowCounters } from './window-counters';

/** Shows whether this gateway counts by itself; the result counts requests that had no quota left, by nothing personal. */
export function registerRateLimitMetrics(
  registry: Registry,
  counters: Pick<WindowCounters, 'isAlone'>,
): NonNullable<RateLimitsOptions['onLimited']> {
  new Gauge({
    name: 'sallyport_rate_limits_alone',
    help: '1 while this gateway counts requests by itself because the shared counters are away.',
    registers: [registry],
    collect() {
      this.set(Number(counters.isAlone));
    },
  });
  const limited = new Counter({
    name: 'sallyport_rate_limited_requests_total',
    help: 'Requests that had no quota left, by kind of identity and by quota.',
    labelNames: ['kind', 'policy'],
    registers: [registry],
  });
  return (kind, policy) => {
    limited.inc({ kind, policy });
  };
}
