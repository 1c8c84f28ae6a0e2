/** @timed A connection that is silent for two seconds is given up. */
import { randomUUID } from 'node:crypto';
import type { ServiceError } from '@sallyport/nest-zero-trust';
import { createLogger } from '@sallyport/observability';
import { describeOnSharedState, RecordedSecurityEvents } from '@sallyport/testing';
import type { SharedStateForTests } from '@sallyport/testing';
import type { Redis } from 'ioredis';
import { parseEmailAddress } from '../accounts/email-address';
import type { Attempt } from './attempt-throttle';
import { connectRedis } from './connect-redis';
import { RedisAttemptThrottle } from './redis.attempt-throttle';
import type { ThrottlingPolicy } from './throttling-policy';

const POLICY: ThrottlingPolicy = {
  login: {
    address: { attempts: 6, seconds: 60 },
    accountAtAddress: { attempts: 3, seconds: 60 },
    account: { attempts: 5, seconds: 60, lockSeconds: 600 },
    device: { attempts: 2, seconds: 60 },
  },
  registration: { address: { attempts: 2, seconds: 60 } },
  second_factor: { accountAtAddress: { attempts: 2, seconds: 60 } },
  passkey: {},
  password_reset: {
    address: { attempts: 4, seconds: 60 },
    accountAtAddress: { attempts: 2, seconds: 60 },
    account: { attempts: 3, seconds: 60 },
  },
};
const TOO_MANY = { status: 'RESOURCE_EXHAUSTED', reason: 'too_many_attempts' };
const UNAVAILABLE = { status: 'UNAVAILABLE', reason: 'dependency_unavailable' };

const logger = createLogger({ service: 'auth-service', level: 'silent' });

function attempt(account: string, clientAddress: string | undefined): Attempt {
  return { email: parseEmailAddress(`${account}@example.com`), clientAddress };
}

describeOnSharedState('RedisAttemptThrottle', (open) => {
  let state: SharedStateForTests;
  let redis: Redis;
  let events: RecordedSecurityEvents;
  let throttle: RedisAttemptThrottle;

  beforeAll(async () => {
    state = await open();
    // A database of its own: other suites share the server.
    // A machine that is busy does not look like a Redis that hangs.
    redis = connectRedis(new URL('/9', state.url).href, logger, { commandTimeoutMs: 20_000 });
    await new Promise((resolve) => redis.once('ready', resolve));
  });

  afterAll(async () => {
    redis.disconnect();
    await state.close();
  });

  beforeEach(async () => {
    await redis.flushdb();
    events = new RecordedSecurityEvents();
    throttle = new RedisAttemptThrottle({ redis, policy: POLICY, events });
  });

  const logIns = (count: number, made: Attempt): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => throttle.admit('login', made)));

  it.each([undefined, '', 'localhost', '192.0.2.7, 192.0.2.8'])(
    'refuses an attempt from %j, and counts nothing',
    async (clientAddress) => {
      await expect(throttle.admit('login', attempt('alice', clientAddress))).rejects.toMatchObject({
        status: 'INVALID_ARGUMENT',
        reason: 'client_address_invalid',
      });
      expect(await redis.dbsize()).toBe(0);
    },
  );

  it('refuses more attempts on an account from an address, and leaves an event', async () => {
    await logIns(3, attempt('alice', '192.0.2.7'));
    await expect(throttle.admit('login', attempt('alice', '192.0.2.7'))).rejects.toMatchObject(
      TOO_MANY,
    );
    expect(events.all).toEqual([
      {
        type: 'authentication',
        outcome: 'refused',
        reason: 'too_many_attempts',
        clientAddress: '192.0.2.7',
      },
    ]);
    await expect(throttle.admit('login', attempt('alice', '192.0.2.8'))).resolves.toBeDefined();
    await expect(throttle.admit('login', attempt('bob', '192.0.2.7'))).resolves.toBeDefined();
  });

  it('refuses more attempts from an address, whatever the account', async () => {
    for (const account of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await throttle.admit('login', attempt(account, '192.0.2.7'));
    }
    await expect(throttle.admit('login', attempt('g', '192.0.2.7'))).rejects.toMatchObject(
      TOO_MANY,
    );
    await expect(throttle.admit('login', attempt('g', '192.0.2.8'))).resolves.toBeDefined();
  });

  it('counts codes apart from passwords: a right password forgets none of them', async () => {
    const made = attempt('alice', '192.0.2.7');
    const enter = () => throttle.admit('second_factor', made);
    await Promise.all([enter(), enter(), logIns(3, made)]);
    await throttle.forgetFailures(made);
    await expect(throttle.admit('login', made)).resolves.toBeDefined();
    await expect(enter()).rejects.toMatchObject(TOO_MANY);
    await throttle.forgetFailures(made, 'second_factor');
    await expect(enter()).resolves.toBeDefined();
  });

  it('takes the addresses of one IPv6 subscriber for one', async () => {
    for (const host of ['1', '2', '3']) {
      await throttle.admit('login', attempt('alice', `2001:db8:1:2::${host}`));
    }
    await expect(
      throttle.admit('login', attempt('alice', '2001:db8:1:2::4')),
    ).rejects.toMatchObject(TOO_MANY);
  });

  it('refuses more attempts on an account, whatever the addresses', async () => {
    for (const host of [1, 2, 3, 4, 5]) {
      await throttle.admit('login', attempt('alice', `192.0.2.${host}`));
    }
    await expect(throttle.admit('login', attempt('alice', '192.0.2.6'))).rejects.toMatchObject(
      TOO_MANY,
    );
  });

  it('does not let one address shut an account off from the others', async () => {
    const mallory = attempt('alice', '192.0.2.66');
    await logIns(3, mallory);
    for (let attempts = 0; attempts < 10; attempts += 1) {
      await expect(throttle.admit('login', mallory)).rejects.toMatchObject(TOO_MANY);
    }
    await expect(throttle.admit('login', attempt('alice', '192.0.2.7'))).resolves.toBeDefined();
  });

  it('lets exactly as many of the attempts made at once through as are allowed', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => throttle.admit('login', attempt('alice', '192.0.2.7'))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });

  it('forgets failures on the account after a success, but not those of the address', async () => {
    const alice = attempt('alice', '192.0.2.7');
    for (const count of [3, 3]) {
      await logIns(count, alice);
      await throttle.forgetFailures(alice);
    }
    await expect(throttle.admit('login', alice)).rejects.toMatchObject(TOO_MANY);
    await expect(throttle.admit('login', attempt('alice', '192.0.2.8'))).resolves.toBeDefined();
  });

  it('locks the account for longer than the window, with the last attempt and no other', async () => {
    const admissions = [];
    for (const host of [1, 2, 3, 4, 5]) {
      admissions.push(await throttle.admit('login', attempt('alice', `192.0.2.${host}`)));
    }
    expect(admissions.map(({ isLast }) => isLast)).toEqual([false, false, false, false, true]);
    for (const host of [6, 7]) {
      const refused = throttle.admit('login', attempt('alice', `192.0.2.${host}`));
      await expect(refused).rejects.toMatchObject({ ...TOO_MANY, retryAfterSeconds: 600 });
    }
    await throttle.forgetFailures(attempt('alice', '192.0.2.6'));
    await expect(throttle.admit('login', attempt('alice', '192.0.2.6'))).resolves.toEqual({
      isLast: false,
    });
  });

  it('counts what comes from a trusted device apart, until that is used up', async () => {
    const own = { ...attempt('alice', '192.0.2.7'), deviceId: randomUUID() };
    for (const host of [1, 2, 3, 4, 5]) {
      await throttle.admit('login', attempt('alice', `192.0.2.${host}`));
    }
    await logIns(2, own);
    await expect(throttle.admit('login', own)).rejects.toMatchObject(TOO_MANY);
    await throttle.forgetFailures(own);
    await expect(throttle.admit('login', own)).resolves.toEqual({ isLast: false });
    // What succeeds there says nothing of who else is trying.
    await expect(throttle.admit('login', attempt('alice', '192.0.2.7'))).rejects.toMatchObject(
      TOO_MANY,
    );
  });

  it('counts what is made in a session by it alone, also when that is used up', async () => {
    for (let host = 1; host <= 5; host += 1) {
      await throttle.admit('login', attempt('alice', `192.0.2.${host}`));
    }
    const own = { ...attempt('alice', '192.0.2.6'), sessionId: randomUUID() };
    await throttle.admit('login', own);
    await expect(throttle.admit('login', own)).resolves.toEqual({ isLast: false });
    await expect(throttle.admit('login', own)).rejects.toMatchObject(TOO_MANY);
    await throttle.forgetFailures(own);
    await expect(throttle.admit('login', own)).resolves.toBeDefined();
    await expect(throttle.admit('login', attempt('alice', '192.0.2.7'))).rejects.toMatchObject(
      TOO_MANY,
    );

    const bobs = { ...attempt('bob', '192.0.2.8'), sessionId: randomUUID() };
    await Promise.allSettled(Array.from({ length: 8 }, () => throttle.admit('login', bobs)));
    for (let count = 0; count < 3; count += 1) {
      await expect(throttle.admit('login', attempt('bob', '192.0.2.8'))).resolves.toBeDefined();
    }
  });

  it('knows a device for one account alone', async () => {
    const deviceId = randomUUID();
    await logIns(2, { ...attempt('alice', '192.0.2.7'), deviceId });
    const bobs = { ...attempt('bob', '192.0.2.7'), deviceId };
    await expect(logIns(2, bobs)).resolves.toBeDefined();
  });

  describe('with pauses', () => {
    const pauses = { free: 2, longestSeconds: 5 };
    const POLICY_WITH_PAUSES: ThrottlingPolicy = {
      ...POLICY,
      login: {
        accountAtAddress: { attempts: 8, seconds: 60, pauses },
        account: { attempts: 20, seconds: 60, pauses: { free: 4, longestSeconds: 5 } },
      },
    };
    const alice = attempt('alice', '192.0.2.7');
    let paused: RedisAttemptThrottle;

    beforeEach(() => {
      paused = new RedisAttemptThrottle({ redis, policy: POLICY_WITH_PAUSES, events });
    });

    /** As if the time had passed. */
    const endPauses = async (): Promise<void> => {
      for (const key of await redis.keys('*')) await redis.hset(key, 'pausedUntil', 0);
    };

    const secondsToWait = async (made: Attempt): Promise<number | undefined> => {
      const refusal: unknown = await paused.admit('login', made).catch((error: unknown) => error);
      expect(refusal).toMatchObject(TOO_MANY);
      return (refusal as ServiceError).retryAfterSeconds;
    };

    it('refuses what follows too soon, for longer each time, and counts none of it', async () => {
      await paused.admit('login', alice);
      await paused.admit('login', alice);
      const waits = [];
      for (let failures = 3; failures <= 7; failures += 1) {
        await paused.admit('login', alice);
        waits.push(await secondsToWait(alice));
        expect(await secondsToWait(alice)).toBe(waits.at(-1));
        await endPauses();
      }
      expect(waits).toEqual([1, 2, 4, 5, 5]);
      await paused.admit('login', alice);
      expect(await secondsToWait(alice)).toBeGreaterThan(50);
    });

    it('lets no more of the attempts made at once through than are free, and one', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, () => paused.admit('login', alice)),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    });

    it('is over when it said', async () => {
      for (let count = 0; count < 3; count += 1) await paused.admit('login', alice);
      const seconds = (await secondsToWait(alice)) ?? 0;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      await expect(paused.admit('login', alice)).resolves.toEqual({ isLast: false });
    });

    it('pauses an account for all who are not known there, wherever they are', async () => {
      for (const host of [1, 2, 3, 4, 5]) {
        await paused.admit('login', attempt('alice', `192.0.2.${host}`));
      }
      expect(await secondsToWait(attempt('alice', '192.0.2.6'))).toBe(1);
      await paused.admit('login', attempt('bob', '192.0.2.6'));
    });

    it('is ended by nothing that happens to another account', async () => {
      for (let count = 0; count < 3; count += 1) await paused.admit('login', alice);
      await paused.admit('login', attempt('mallory', '192.0.2.7'));
      await paused.forgetFailures(attempt('mallory', '192.0.2.7'));
      expect(await secondsToWait(alice)).toBe(1);
    });
  });

  it('counts requests for a new password by account and by address, apart from logins', async () => {
    const ask = (account: string, address: string) =>
      throttle.admit('password_reset', attempt(account, address));
    await ask('alice', '192.0.2.7');
    await ask('alice', '192.0.2.7');
    await expect(ask('alice', '192.0.2.7')).rejects.toMatchObject(TOO_MANY);
    await ask('alice', '192.0.2.8');
    await expect(ask('alice', '192.0.2.9')).rejects.toMatchObject(TOO_MANY);
    for (const account of ['bob', 'dan']) await ask(account, '192.0.2.7');
    await expect(ask('carol', '192.0.2.7')).rejects.toMatchObject(TOO_MANY);
    expect(events.all).toMatchObject([
      { type: 'account' },
      { type: 'account' },
      { type: 'account' },
    ]);
    await expect(throttle.admit('login', attempt('alice', '192.0.2.7'))).resolves.toBeDefined();
  });

  it('counts registrations apart from logins', async () => {
    for (const account of ['a', 'b']) {
      await throttle.admit('registration', attempt(account, '192.0.2.7'));
    }
    await expect(throttle.admit('registration', attempt('c', '192.0.2.7'))).rejects.toMatchObject(
      TOO_MANY,
    );
    await expect(throttle.admit('login', attempt('a', '192.0.2.7'))).resolves.toBeDefined();
  });

  it('lets every counter expire, and keeps no address of an account', async () => {
    await throttle.admit('login', attempt('alice', '192.0.2.7'));
    const keys = await redis.keys('*');
    expect(keys).toHaveLength(3);
    expect(keys.join()).not.toContain('alice');
    for (const key of keys) {
      const seconds = await redis.ttl(key);
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
    }
  });

  it('refuses everything while nothing can be counted, and takes up counting again', async () => {
    const stranded = connectRedis('redis://127.0.0.1:1', logger);
    const closed = new RedisAttemptThrottle({ redis: stranded, policy: POLICY, events });
    const alice = attempt('alice', '192.0.2.7');
    await expect(closed.admit('login', alice)).rejects.toMatchObject(UNAVAILABLE);
    await expect(closed.forgetFailures(alice)).rejects.toMatchObject(UNAVAILABLE);
    stranded.disconnect();

    redis.stream.destroy();
    await new Promise((resolve) => redis.once('close', resolve));
    await expect(throttle.admit('login', alice)).rejects.toMatchObject(UNAVAILABLE);
    await new Promise((resolve) => redis.once('ready', resolve));
    await expect(throttle.admit('login', alice)).resolves.toBeDefined();
  });
});
