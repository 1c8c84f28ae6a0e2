import { randomUUID } from 'node:crypto';
import { createLogger } from '@sallyport/observability';
import { describeOnSharedState, RecordedSecurityEvents } from '@sallyport/testing';
import type { SharedStateForTests } from '@sallyport/testing';
import type { Redis } from 'ioredis';
import { connectRedis } from './connect-redis';
import { RedisExchangeThrottle } from './redis.exchange-throttle';

const logger = createLogger({ service: 'auth-service', level: 'silent' });

describeOnSharedState('RedisExchangeThrottle', (open) => {
  let state: SharedStateForTests;
  let redis: Redis;
  const events = new RecordedSecurityEvents();
  const replica = (at = redis) =>
    new RedisExchangeThrottle({ redis: at, exchangesPerMinute: 5, events });

  beforeAll(async () => {
    state = await open();
    // A machine that is busy does not look like a Redis that hangs.
    redis = connectRedis(state.url, logger, { commandTimeoutMs: 20_000 });
    await new Promise((resolve) => redis.once('ready', resolve));
  });
  afterAll(async () => {
    redis.disconnect();
    await state.close();
  });

  const passed = async (replicas: readonly RedisExchangeThrottle[], workload: string) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, turn) =>
        (replicas[turn % replicas.length] as RedisExchangeThrottle).admit(workload),
      ),
    );
    return outcomes.filter(({ status }) => status === 'fulfilled').length;
  };

  it('refuses more of one workload, at whatever replica, and leaves the others alone', async () => {
    const workload = randomUUID();
    expect(await passed([replica(), replica()], workload)).toBe(5);
    await expect(replica().admit(workload)).rejects.toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      reason: 'too_many_attempts',
    });
    expect(events.all.at(-1)).toEqual({
      ...{ type: 'token', outcome: 'refused', reason: 'too_many_attempts' },
      caller: workload,
    });
    await expect(replica().admit(randomUUID())).resolves.toBeUndefined();
  });

  it('counts by itself while nothing can be counted together', async () => {
    const stranded = connectRedis('redis://127.0.0.1:1', logger);
    expect(await passed([replica(stranded)], randomUUID())).toBe(5);
    stranded.disconnect();
  });
});
