import { Counter, Gauge, type Registry } from 'prom-client';
import type { PolicyName, RateLimitsOptions } from './rate-limits';
import type { WindowCounters } from './window-counters';

/** Shows whether this gateway counts by itself; the result counts what the limiter decides, by nothing personal. */
export function registerRateLimitMetrics(
  registry: Registry,
  counters: Pick<WindowCounters, 'isAlone'>,
): Required<Pick<RateLimitsOptions, 'onLimited' | 'onAllowed'>> {
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
  const decisions = new Counter({
    name: 'sallyport_rate_limit_decisions_total',
    help: 'What the limiter decided about requests, by the quota they were taken from.',
    labelNames: ['class', 'outcome'],
    registers: [registry],
  });
  const allowed = new Map<PolicyName, { inc(): void }>();
  return {
    onAllowed: (policy) => {
      let counter = allowed.get(policy);
      if (counter === undefined) {
        allowed.set(policy, (counter = decisions.labels(policy, 'allowed')));
      }
      counter.inc();
    },
    onLimited: (kind, policy) => {
      limited.inc({ kind, policy });
      decisions.inc({ class: policy, outcome: 'limited' });
    },
  };
}
