import { createRegistry } from '@sallyport/observability';
import { RevocationReplica } from '@sallyport/revocation';
import { registerRevocationLag, registerRevocationMetrics } from './revocation.metrics';

const KINDS = [
  'token',
  'session',
  'subject',
  'client',
  'api_key',
  'certificate',
  'signing_key',
] as const;

function setUp() {
  const registry = createRegistry({ service: 'gateway' });
  const lines = async () =>
    (await registry.metrics()).split('\n').filter((line) => /^sallyport_revocation/.test(line));
  return { registry, lines };
}

it('shows the state of the feed and the revocations in force at the time of the question', async () => {
  const { registry, lines } = setUp();
  const replica = new RevocationReplica();
  const follower = { ageMs: Infinity, isCurrent: false };
  registerRevocationMetrics(registry, { follower, replica, boundMs: 2_000 });

  expect((await lines()).slice(0, 2)).toEqual([
    'sallyport_revocation_feed_age_seconds{service="gateway"} +Inf',
    'sallyport_revocation_feed_current{service="gateway"} 0',
  ]);
  follower.ageMs = 250;
  follower.isCurrent = true;
  replica.apply({ kind: 'session', id: 'a', expiresAt: 1 });
  expect(await lines()).toEqual([
    'sallyport_revocation_feed_age_seconds{service="gateway"} 0.25',
    'sallyport_revocation_feed_current{service="gateway"} 1',
    'sallyport_revocation_bound_seconds{service="gateway"} 2',
    ...KINDS.map(
      (kind) =>
        `sallyport_revocations{kind="${kind}",service="gateway"} ${kind === 'session' ? 1 : 0}`,
    ),
  ]);
});

it('counts revocations by how long they were under way, and not those from before', async () => {
  const { registry, lines } = setUp();
  const noteLag = registerRevocationLag(registry);
  noteLag(undefined);
  expect(await lines()).toContain('sallyport_revocation_lag_seconds_count{service="gateway"} 0');
  noteLag(20);
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'sallyport_revocation_lag_seconds_bucket{le="0.01",service="gateway"} 0',
      'sallyport_revocation_lag_seconds_bucket{le="0.025",service="gateway"} 1',
      'sallyport_revocation_lag_seconds_sum{service="gateway"} 0.02',
    ]),
  );
});
