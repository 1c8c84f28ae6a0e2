import { createRegistry } from '@sallyport/observability';
import { RevocationReplica } from '@sallyport/revocation';
import { registerRevocationMetrics } from './revocation.metrics';

it('shows the age of the feed and the revocations in force at the time of the question', async () => {
  const registry = createRegistry({ service: 'gateway' });
  const replica = new RevocationReplica();
  const follower = { ageMs: Infinity };
  registerRevocationMetrics(registry, { follower, replica });
  const metrics = async () =>
    (await registry.metrics()).split('\n').filter((line) => /^sallyport_revocation/.test(line));

  expect(await metrics()).toContain(
    'sallyport_revocation_feed_age_seconds{service="gateway"} +Inf',
  );
  follower.ageMs = 250;
  replica.apply({ kind: 'session', id: 'a', expiresAt: 1 });
  expect(await metrics()).toEqual([
    'sallyport_revocation_feed_age_seconds{service="gateway"} 0.25',
    ...['token', 'session', 'subject', 'client', 'api_key', 'certificate', 'signing_key'].map(
      (kind) =>
        `sallyport_revocations{kind="${kind}",service="gateway"} ${kind === 'session' ? 1 : 0}`,
    ),
  ]);
});
