import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describeOnSharedState, type SharedStateForTests } from '@sallyport/testing';
import type { Redis } from 'ioredis';
import { connectRedis } from '../rate-limits/connect-redis';
import { StoreBreaker } from '../rate-limits/store-breaker.fixture';
import { RedisProofMemory } from './proof-memory';

jest.setTimeout(30_000);

const KEY = 'a'.repeat(43);
const A_MINUTE = 60_000;

describeOnSharedState('RedisProofMemory', (open) => {
  let state: SharedStateForTests;
  let store: StoreBreaker;
  let redis: Redis[];
  let gateways: RedisProofMemory[];

  beforeAll(async () => {
    state = await open();
    store = await StoreBreaker.before(state.url);
    redis = ['one', 'two'].map((name) => connectRedis({ url: store.url }, 1_000, name));
    await connected();
    gateways = redis.map((each) => new RedisProofMemory(each));
  });
  afterAll(async () => {
    for (const each of redis) each.disconnect();
    await store.interrupt();
    await state.close();
  });

  const gatewayOf = (turn: number) => gateways[turn % 2] as RedisProofMemory;

  /** Once both are connected. */
  const connected = async (): Promise<void> => {
    for (const each of redis) {
      if (each.status !== 'ready') await new Promise((resolve) => each.once('ready', resolve));
    }
  };

  it('takes a proof once, whoever is asked', async () => {
    const jti = randomUUID();
    const answers = [];
    for (const gateway of [...gateways, ...gateways]) {
      answers.push(await gateway.isFirst(KEY, jti, A_MINUTE));
    }
    expect(answers).toEqual([true, false, false, false]);
  });

  it('lets exactly one of many at the same time through', async () => {
    for (let round = 0; round < 10; round += 1) {
      const jti = randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, turn) => gatewayOf(turn).isFirst(KEY, jti, A_MINUTE)),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
    }
  });

  it('keeps the ids of keys apart', async () => {
    const jti = randomUUID();
    for (const key of [KEY, 'b'.repeat(43)]) {
      expect(await gateways[0]?.isFirst(key, jti, A_MINUTE)).toBe(true);
    }
  });

  it('forgets an id when its time is over', async () => {
    const jti = randomUUID();
    expect(await gateways[0]?.isFirst(KEY, jti, 100)).toBe(true);
    expect(await gateways[0]?.isFirst(KEY, jti, 100)).toBe(false);
    await pause(200);
    expect(await gateways[0]?.isFirst(KEY, jti, 100)).toBe(true);
  });

  it('answers nothing while Redis is away, and works when it is back', async () => {
    await store.interrupt();
    await expect(gateways[0]?.isFirst(KEY, randomUUID(), A_MINUTE)).rejects.toThrow();
    await store.restore();
    await connected();
    expect(await gateways[0]?.isFirst(KEY, randomUUID(), A_MINUTE)).toBe(true);
  });
});
