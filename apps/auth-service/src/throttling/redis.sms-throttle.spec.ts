/** @timed A connection that is silent for two seconds is given up. */
import { randomBytes } from 'node:crypto';
import { createLogger } from '@sallyport/observability';
import { describeOnSharedState, RecordedSecurityEvents } from '@sallyport/testing';
import type { SharedStateForTests } from '@sallyport/testing';
import type { Redis } from 'ioredis';
import { FileKeyEncryption } from '../signing-keys/file.key-encryption';
import type { PhoneNumber } from '../sms/phone-number';
import { connectRedis } from './connect-redis';
import { RedisSmsThrottle } from './redis.sms-throttle';
import type { SmsLimits, WantedMessage } from './sms-throttle';

const LIMITS: SmsLimits = {
  address: { attempts: 6, seconds: 60 },
  account: { attempts: 4, seconds: 60 },
  number: { attempts: 2, seconds: 60 },
  everything: { attempts: 9, seconds: 60 },
};

const logger = createLogger({ service: 'auth-service', level: 'silent' });

const wanted = (change: Partial<Record<keyof WantedMessage, string>> = {}): WantedMessage => ({
  accountId: change.accountId ?? 'ada',
  number: (change.number ?? '+12025550123') as PhoneNumber,
  clientAddress: change.clientAddress ?? '192.0.2.7',
});

describeOnSharedState('RedisSmsThrottle', (open) => {
  let state: SharedStateForTests;
  let redis: Redis;
  let events: RecordedSecurityEvents;
  let throttle: RedisSmsThrottle;

  beforeAll(async () => {
    state = await open();
    // A database of its own: other suites share the server.
    // A machine that is busy does not look like a Redis that hangs.
    redis = connectRedis(new URL('/10', state.url).href, logger, { commandTimeoutMs: 20_000 });
    await new Promise((resolve) => redis.once('ready', resolve));
  });

  afterAll(async () => {
    redis.disconnect();
    await state.close();
  });

  beforeEach(async () => {
    await redis.flushdb();
    events = new RecordedSecurityEvents();
    const encryption = new FileKeyEncryption(randomBytes(32));
    throttle = new RedisSmsThrottle({ redis, limits: LIMITS, encryption, events });
  });

  const TOO_MANY = { status: 'RESOURCE_EXHAUSTED', reason: 'too_many_attempts' };

  it.each<readonly [string, number, (index: number) => WantedMessage, WantedMessage]>([
    [
      'to a number, whoever asks',
      2,
      (index) => wanted({ accountId: `a${index}`, clientAddress: `192.0.2.${index}` }),
      wanted({ number: '+12025550199' }),
    ],
    [
      'for an account, whatever the numbers',
      4,
      (index) => wanted({ number: `+1202555010${index}`, clientAddress: `192.0.2.${index}` }),
      wanted({ accountId: 'eve' }),
    ],
    [
      'from an address, whoever they are for',
      6,
      (index) => wanted({ number: `+1202555010${index}`, accountId: `a${index}` }),
      wanted({ clientAddress: '192.0.2.99', number: '+12025550199' }),
    ],
  ])('lets no more through %s', async (_name, attempts, make, other) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: attempts + 3 }, (_, index) => throttle.admit(make(index))),
    );
    const passed = outcomes.filter(({ status }) => status === 'fulfilled');
    expect(passed).toHaveLength(attempts);
    const refused = outcomes.find(({ status }) => status === 'rejected');
    expect(refused).toMatchObject({ reason: TOO_MANY });
    expect(events.all).toHaveLength(3);
    expect(events.all[0]).toMatchObject({ outcome: 'refused', reason: 'sms_limit_reached' });
    await expect(throttle.admit(other)).resolves.toBeUndefined();
  });

  it('lets no more through than all together may', async () => {
    const each = (index: number) =>
      wanted({
        number: `+1202555010${index}`,
        accountId: `a${index}`,
        clientAddress: `192.0.2.${index}`,
      });
    for (let index = 0; index < 9; index += 1) await throttle.admit(each(index));
    await expect(
      throttle.admit(
        wanted({ number: '+12025550199', accountId: 'b', clientAddress: '192.0.2.99' }),
      ),
    ).rejects.toMatchObject(TOO_MANY);
  });

  it('says how long to wait', async () => {
    await throttle.admit(wanted());
    await throttle.admit(wanted());
    const refusal = await throttle.admit(wanted()).catch((error: unknown) => error);
    const { retryAfterSeconds } = refusal as { readonly retryAfterSeconds: number };
    expect(retryAfterSeconds).toBeGreaterThan(50);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
  });

  it('names its counters by nothing a number could be guessed from', async () => {
    await throttle.admit(wanted());
    const keys = await redis.keys('*');
    expect(keys).toHaveLength(4);
    expect(keys.join()).not.toContain('2025550123');
    const other = new RedisSmsThrottle({
      ...{ redis, limits: LIMITS, events },
      encryption: new FileKeyEncryption(randomBytes(32)),
    });
    await other.admit(wanted());
    expect(await redis.keys('*')).toHaveLength(5);
  });

  it('lets nothing through that it cannot count', async () => {
    const stranded = connectRedis('redis://127.0.0.1:1', logger);
    const encryption = new FileKeyEncryption(randomBytes(32));
    const closed = new RedisSmsThrottle({ redis: stranded, limits: LIMITS, encryption, events });
    await expect(closed.admit(wanted())).rejects.toMatchObject({ status: 'UNAVAILABLE' });
    stranded.disconnect();
    await expect(throttle.admit({ ...wanted(), clientAddress: undefined })).rejects.toMatchObject({
      reason: 'client_address_invalid',
    });
  });
});
