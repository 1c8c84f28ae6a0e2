import { FakeCa, FakeClock } from '@sallyport/testing';
import { readinessChecks } from './readiness-checks';

async function assess(changes: Partial<Parameters<typeof readinessChecks>[0]> = {}) {
  const clock = new FakeClock(new Date());
  const ca = await FakeCa.create({ clock: clock.now });
  const checks = readinessChecks({
    source: await ca.source('gateway'),
    keySet: { isLoaded: true },
    follower: { isCurrent: true, ageMs: 100 },
    drain: { isUnderWay: false },
    clock: clock.now,
    ...changes,
  });
  const failed: string[] = [];
  for (const { name, check } of checks) await check().catch(() => failed.push(name));
  return failed;
}

it('waits for the keys of the issuer', async () => {
  expect(await assess({ keySet: { isLoaded: false } })).toEqual(['issuer-keys']);
});

it('waits for the revocations, and ends when they may have become incomplete', async () => {
  expect(await assess({ follower: { isCurrent: false, ageMs: Infinity } })).toEqual([
    'revocations',
  ]);
});

it('is over once the process is asked to end', async () => {
  expect(await assess({ drain: { isUnderWay: true } })).toEqual(['listener']);
});

it('is over with the identity of the workload', async () => {
  const tomorrow = () => new Date(Date.now() + 86_400_000);
  expect(await assess({ clock: tomorrow })).toEqual(['identity']);
});

it('waits for a schema that is behind', async () => {
  const behind = { check: () => Promise.reject(new Error('0002-own-events is missing')) };
  expect(await assess({ schema: behind })).toEqual(['schema']);
  expect(await assess({ schema: { check: () => Promise.resolve() } })).toEqual([]);
});

it('is there with keys, revocations and an identity that lasts', async () => {
  expect(await assess()).toEqual([]);
});
