import { createRegistry } from '@sallyport/observability';
import { registerRateLimitMetrics } from './rate-limit.metrics';
import { ownRateLimits } from './rate-limits.fixture';

function setUp() {
  const registry = createRegistry({ service: 'gateway' });
  const counters = { isAlone: false };
  const limits = ownRateLimits(registerRateLimitMetrics(registry, counters));
  const lines = async () =>
    (await registry.metrics()).split('\n').filter((line) => /^sallyport_rate_limit/.test(line));
  return { counters, limits, lines };
}

it('counts what was allowed and what was not, by quota and nothing personal', async () => {
  const { limits, lines } = setUp();
  const user = { kind: 'user', id: 'alice', requestsPerMinute: 2 } as const;
  for (let count = 0; count < 5; count += 1) await limits.charge(user, 'read');
  await limits.charge({ kind: 'user', id: 'bob' }, 'credentials');
  expect(await lines()).toEqual([
    'sallyport_rate_limits_alone{service="gateway"} 0',
    'sallyport_rate_limited_requests_total{kind="user",policy="requests",service="gateway"} 3',
    'sallyport_rate_limit_decisions_total{class="requests",outcome="allowed",service="gateway"} 2',
    'sallyport_rate_limit_decisions_total{class="requests",outcome="limited",service="gateway"} 3',
    'sallyport_rate_limit_decisions_total{class="credentials",outcome="allowed",service="gateway"} 1',
  ]);
});

it('shows that this gateway counts by itself', async () => {
  const { counters, lines } = setUp();
  counters.isAlone = true;
  expect(await lines()).toContain('sallyport_rate_limits_alone{service="gateway"} 1');
});
