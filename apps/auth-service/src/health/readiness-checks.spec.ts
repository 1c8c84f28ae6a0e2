import { FakeCa } from '@sallyport/testing';
import type { WorkloadContext } from '@sallyport/workload-identity';
import { readinessChecks } from './readiness-checks';

let context: WorkloadContext;

beforeAll(async () => {
  context = await (await FakeCa.create()).context('auth-service');
});

const answers = (): Promise<void> => Promise.resolve();
const fails = (): Promise<void> => Promise.reject(new Error('connection refused'));

function outcomes(
  check: () => Promise<void>,
  ping: () => Promise<void>,
  now: Date,
  isPublishing = true,
): Promise<readonly string[]> {
  const checks = readinessChecks({
    database: { check },
    redis: { ping },
    source: { current: () => context },
    clock: () => now,
    feed: { isPublishing },
  });
  return Promise.all(
    checks.map((each) =>
      each.check().then(
        () => `${each.name} up`,
        () => `${each.name} down`,
      ),
    ),
  );
}

describe('readinessChecks', () => {
  it('are down for a database that does not answer', async () => {
    expect(await outcomes(fails, answers, context.svid.notBefore)).toContain('database down');
  });

  it('are down for a Redis that does not answer', async () => {
    expect(await outcomes(answers, fails, context.svid.notBefore)).toContain('redis down');
  });

  it('are down while revocations are not published', async () => {
    const now = context.svid.notBefore;
    expect(await outcomes(answers, answers, now, false)).toContain('revocation-feed down');
    expect(await outcomes(answers, answers, now)).toContain('revocation-feed up');
  });

  it('are down for an expired identity', async () => {
    expect(await outcomes(answers, answers, context.svid.notAfter)).toContain('identity down');
  });

  it('are up otherwise', async () => {
    expect(await outcomes(answers, answers, context.svid.notBefore)).toEqual([
      'database up',
      'redis up',
      'identity up',
      'revocation-feed up',
    ]);
  });
});
