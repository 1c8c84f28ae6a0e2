/** @timed A connection that is silent for two seconds is given up. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { askRedis } from '@sallyport/dev-stores';
import { describeOnSharedState, type SharedStateForTests } from '@sallyport/testing';
import type { Redis } from 'ioredis';
import { connectRedis } from './connect-redis';
import type { Identity } from './identity';
import { RATE_LIMIT_POLICY, REFUSED_CREDENTIALS, type RouteClass } from './rate-limit-policy';
import { RateLimits, type RateLimitsOptions, type Verdict } from './rate-limits';
import { ownRateLimits } from './rate-limits.fixture';
import { StoreBreaker } from './store-breaker.fixture';
import { WindowCounters } from './window-counters';

jest.setTimeout(30_000);

const PAUSE_MS = 100;
/** So long that a machine that is busy does not look like a Redis that hangs. */
const PATIENT_MS = 5_000;

/** Somebody nobody has counted yet. */
const user = (requestsPerMinute?: number): Identity => ({
  kind: 'user',
  id: randomUUID(),
  requestsPerMinute,
});
const allowed = (verdicts: readonly Verdict[]) =>
  verdicts.filter(({ isAllowed }) => isAllowed).length;

/** So many requests at once, of these gateways in turn. */
const charge = (
  gateways: readonly RateLimits[],
  identity: Identity,
  times: number,
  routeClass: RouteClass = 'write',
): Promise<Verdict[]> =>
  Promise.all(
    Array.from({ length: times }, (_, turn) =>
      (gateways[turn % gateways.length] as RateLimits).charge(identity, routeClass),
    ),
  );

describeOnSharedState('RateLimits', (open) => {
  let state: SharedStateForTests;
  let store: StoreBreaker;
  const opened: Redis[] = [];
  const told: boolean[] = [];

  beforeAll(async () => {
    state = await open();
    store = await StoreBreaker.before(state.url);
  });
  afterEach(async () => {
    for (const redis of opened.splice(0)) redis.disconnect();
    store.isSilent = false;
    await store.interrupt();
    await store.restore();
    told.length = 0;
  });
  afterAll(async () => {
    await store.interrupt();
    await state.close();
  });

  /** A gateway with its own connection, once that stands. */
  async function gateway(
    options: Partial<RateLimitsOptions> = {},
    commandTimeoutMs = PATIENT_MS,
  ): Promise<{ limits: RateLimits; redis: Redis }> {
    const redis = connectRedis({ url: store.url }, commandTimeoutMs);
    opened.push(redis);
    await new Promise((resolve) => redis.once('ready', resolve));
    const counters = new WindowCounters({
      redis,
      pauseMs: PAUSE_MS,
      onAlone: (isAlone) => told.push(isAlone),
    });
    return { limits: new RateLimits({ counters, scale: 1, gateways: 1, ...options }), redis };
  }

  const two = async (options: Partial<RateLimitsOptions> = {}) => [
    (await gateway(options)).limits,
    (await gateway(options)).limits,
  ];

  /** Until the gateways count together again. */
  async function shared(gateways: readonly RateLimits[]): Promise<void> {
    for (const limits of gateways) {
      for (let tries = 0; told.at(-1) !== false || tries === 0; tries += 1) {
        if (tries > 100) throw new Error('the shared counters did not come back');
        await pause(PAUSE_MS);
        await limits.charge(user(), 'read');
      }
    }
  }

  it('lets two gateways pass exactly one quota of what comes at once', async () => {
    const quota = RATE_LIMIT_POLICY.user.write / 4;
    const verdicts = await charge(await two({ scale: 1 / 4 }), user(), 3 * quota);
    expect(allowed(verdicts)).toBe(quota);
    expect(verdicts.filter(({ isAllowed }) => isAllowed).map(({ remaining }) => remaining)).toEqual(
      expect.arrayContaining([0, quota - 1]),
    );
    for (const { secondsLeft, policy } of verdicts) {
      expect(policy).toBe('write');
      expect(secondsLeft).toBeGreaterThanOrEqual(1);
      expect(secondsLeft).toBeLessThanOrEqual(60);
    }
  });

  it('counts classes, kinds and identities apart', async () => {
    const { limits } = await gateway();
    const alice = user();
    await charge([limits], alice, 200);
    expect((await limits.charge(alice, 'write')).isAllowed).toBe(false);
    expect((await limits.charge(alice, 'read')).isAllowed).toBe(true);
    expect((await limits.charge(user(), 'write')).isAllowed).toBe(true);
    expect((await limits.charge({ ...alice, kind: 'api_key' }, 'write')).isAllowed).toBe(true);
  });

  it('takes reads and writes from the one quota an identity has of its own', async () => {
    const gateways = await two();
    const key = { ...user(7), kind: 'api_key' } as const;
    const verdicts = [
      ...(await charge(gateways, key, 10, 'read')),
      ...(await charge(gateways, key, 10, 'write')),
    ];
    expect(allowed(verdicts)).toBe(7);
    expect(verdicts[0]).toMatchObject({ policy: 'requests', quota: 7 });
    expect(await gateways[0]?.charge(key, 'admin')).toMatchObject({ isAllowed: true, quota: 120 });
  });

  it('asks Redis nothing about an identity that has nothing left', async () => {
    const { limits, redis } = await gateway();
    const alice = user(1);
    await charge([limits], alice, 2);
    const asked = jest.spyOn(redis, 'rlflxIncr' as never);
    expect(allowed(await charge([limits], alice, 1_000))).toBe(0);
    expect(asked).not.toHaveBeenCalled();
    await limits.charge(user(1), 'write');
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('keeps no count longer than its window', async () => {
    const { limits } = await gateway();
    const { id } = user();
    await limits.charge({ kind: 'user', id }, 'write');
    const key = `gateway:requests:user:write:${id}`;
    const ttl = Number(await askRedis(state.url, ['TTL', key]));
    expect(ttl).toBeGreaterThan(50);
    expect(ttl).toBeLessThanOrEqual(60);
  });

  it('lets no more than one quota more pass when Redis goes in the middle, and counts together after it', async () => {
    const gateways = await two({ gateways: 2 });
    const quota = RATE_LIMIT_POLICY.user.write;
    const [alice, bob] = [user(), user()];
    const before = await charge(gateways, alice, quota - 20);
    await store.interrupt();
    const during = await charge(gateways, alice, 3 * quota);
    expect(told).toEqual([true, true]);
    await store.restore();
    await shared(gateways);
    const after = await charge(gateways, alice, 3 * quota);

    expect(allowed(before)).toBe(quota - 20);
    expect(allowed(during)).toBe(quota);
    expect(allowed([...before, ...during, ...after])).toBeLessThanOrEqual(2 * quota);
    expect(allowed(await charge(gateways, bob, 2 * quota))).toBe(quota);
  });

  it('lets at most three quotas pass when Redis has lost what it knew', async () => {
    const gateways = await two({ gateways: 2 });
    const quota = RATE_LIMIT_POLICY.user.write;
    const alice = user();
    const before = await charge(gateways, alice, quota);
    await store.interrupt();
    const during = await charge(gateways, alice, quota);
    await askRedis(state.url, ['DEL', `gateway:requests:user:write:${alice.id}`]);
    await store.restore();
    await shared(gateways);
    const after = await charge(gateways, alice, 2 * quota);
    expect(allowed([...before, ...during, ...after])).toBeLessThanOrEqual(3 * quota);
    expect((await gateways[0]?.charge(alice, 'write'))?.isAllowed).toBe(false);
  });

  it('does not wait each time for a Redis that hangs', async () => {
    const { limits } = await gateway({}, 50);
    await limits.charge(user(), 'read');
    store.isSilent = true;
    const alice = user(5);
    const startedAt = performance.now();
    const verdicts: Verdict[] = [];
    for (let turn = 0; turn < 1_000; turn += 1) {
      verdicts.push(await limits.charge(alice, 'read'));
    }
    expect(allowed(verdicts)).toBe(5);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('a gateway that counts by itself', () => {
  it.each([
    [1, 120],
    [2, 60],
    [1_000, 1],
  ])('gives of %i gateways its share', async (gateways, share) => {
    const verdicts = await charge([ownRateLimits({ gateways })], user(), 200);
    expect(allowed(verdicts)).toBe(share);
  });

  it('looks at no more refused credentials of an address than its share', async () => {
    const limits = ownRateLimits({ gateways: 3 });
    const address: Identity = { kind: 'anonymous', id: randomUUID() };
    let looked = 0;
    while (looked < 100 && limits.refusalsSpent(address) === undefined) {
      await limits.chargeRefusal(address);
      looked += 1;
    }
    // The one beyond the share is what tells.
    expect(looked).toBe(REFUSED_CREDENTIALS / 3 + 1);
  });

  it('holds thousands of quotas apart', async () => {
    const limits = ownRateLimits({});
    const keys = Array.from({ length: 3_000 }, (_, index) => user(1 + (index % 5)));
    for (let round = 0; round < 2; round += 1) {
      for (const key of keys) {
        const quota = key.requestsPerMinute ?? 0;
        const expected = round === 0 ? quota : 0;
        expect(allowed(await charge([limits], key, 7, 'read'))).toBe(expected);
      }
    }
  });
});

describe('the scale', () => {
  it.each([
    [0.1, 12],
    [1, 120],
    [2.5, 300],
  ])('of %d makes %d of 120', async (scale, quota) => {
    expect(await ownRateLimits({ scale }).charge(user(), 'write')).toMatchObject({ quota });
  });

  it('does not touch what an identity has of its own, and leaves one at least', async () => {
    const limits = ownRateLimits({ scale: 0.001 });
    expect(await limits.charge(user(9), 'write')).toMatchObject({ quota: 9 });
    expect(await limits.charge(user(), 'write')).toMatchObject({ quota: 1, isAllowed: true });
  });
});

it('tells of each request that had nothing left, by kind and quota alone', async () => {
  const told: string[] = [];
  const onLimited = (kind: string, policy: string) => told.push(`${kind} ${policy}`);
  const limits = ownRateLimits({ onLimited });
  await charge([limits], user(1), 3, 'read');
  expect(told).toEqual(['user requests', 'user requests']);
});
