import type { WorkloadContext } from '@sallyport/workload-identity';
import { FakeCa } from '@sallyport/testing';
import { readinessChecks } from './readiness-checks';

let context: WorkloadContext;

beforeAll(async () => {
  context = await (await FakeCa.create()).context('billing-service');
});

function outcomes(check: () => Promise<void>, now: Date): Promise<readonly string[]> {
  const checks = readinessChecks({ check }, { current: () => context }, () => now);
  return Promise.all(
    checks.map((each) =>
      each.check().then(
        () => `${each.name} up`,
        () => `${each.name} down`,
      ),
    ),
  );
}

const answers = () => Promise.resolve();
const fails = () => Promise.reject(new Error('connection refused'));

describe('readinessChecks', () => {
  test('are down for a database that does not answer', async () => {
    expect(await outcomes(fails, context.svid.notBefore)).toEqual(['database down', 'identity up']);
  });

  test('are down for an expired identity', async () => {
    expect(await outcomes(answers, context.svid.notAfter)).toEqual([
      'database up',
      'identity down',
    ]);
  });

  test('are up otherwise', async () => {
    expect(await outcomes(answers, context.svid.notBefore)).toEqual(['database up', 'identity up']);
  });
});
