import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { findRedisServer } from './redis-server';
import { startRedisStandIn } from './redis-stand-in';
import { startSharedState } from './shared-state';
import type { SharedState } from './shared-state';

jest.setTimeout(30_000);

const root = mkdtempSync(join(tmpdir(), 'redis-commands-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const NO_SERVER = ' (neither redis-server nor valkey-server is on the search path)';

/** What the system needs from Redis, which the stand-in has to give alike. */
function itServes(start: () => Promise<SharedState>): void {
  let state: SharedState;
  const clients: Redis[] = [];
  function connect(): Redis {
    const client = new Redis(state.url, { retryStrategy: () => null });
    clients.push(client);
    return client;
  }
  beforeAll(async () => {
    state = await start();
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });
  afterAll(() => state.stop());

  it('nothing to who has no password', async () => {
    const stranger = new Redis(state.url.replace(/:[^:@]+@/, ''), { retryStrategy: () => null });
    stranger.on('error', () => undefined);
    clients.push(stranger);
    await expect(stranger.set('a', '1')).rejects.toThrow('NOAUTH');
  });

  it('marks that only the first of many sets, and that expire', async () => {
    const redis = connect();
    const attempts = Array.from({ length: 20 }, () => redis.set('once', '1', 'PX', 400, 'NX'));
    expect((await Promise.all(attempts)).filter((answer) => answer === 'OK')).toHaveLength(1);
    expect(await redis.pttl('once')).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 450));
    await expect(redis.exists('once')).resolves.toBe(0);
    await redis.set('taken', 'x');
    const taken = await Promise.all([1, 2, 3].map(() => redis.getdel('taken')));
    expect(taken.filter((value) => value === 'x')).toHaveLength(1);
  });

  it('scripts that run whole, by text and by digest', async () => {
    const redis = connect();
    const script = `
      local spent = redis.call('INCRBY', KEYS[1], ARGV[1])
      if spent > tonumber(ARGV[2]) then
        redis.call('DECRBY', KEYS[1], ARGV[1])
        return {err = 'LIMIT reached'}
      end
      return spent`;
    const digest = (await redis.script('LOAD', script)) as string;
    const runs = Array.from({ length: 10 }, () => redis.evalsha(digest, 1, 'budget', 2, 10));
    const outcomes = await Promise.allSettled(runs);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    await expect(redis.eval(script, 1, 'budget', 1, 10)).rejects.toThrow('LIMIT reached');
    await expect(redis.get('budget')).resolves.toBe('10');
  });

  it('messages to all who listen', async () => {
    const [first, second, publisher] = [connect(), connect(), connect()];
    const received = [first, second].map(
      (client) =>
        new Promise((resolve) =>
          client.on('message', (channel, text) => {
            resolve([channel, text]);
          }),
        ),
    );
    await Promise.all([first.subscribe('revocations'), second.subscribe('revocations')]);
    await expect(publisher.publish('revocations', 'jti-1')).resolves.toBe(2);
    await expect(Promise.all(received)).resolves.toEqual([
      ['revocations', 'jti-1'],
      ['revocations', 'jti-1'],
    ]);
  });

  it('streams that a late reader catches up on, and waits at the end of', async () => {
    const [reader, writer] = [connect(), connect()];
    const ids = [
      await writer.xadd('feed', '*', 'jti', 'a'),
      await writer.xadd('feed', '*', 'jti', 'b'),
    ];
    const caughtUp = await reader.xread('COUNT', 10, 'STREAMS', 'feed', '0');
    expect(caughtUp?.[0]?.[1]).toEqual([
      [ids[0], ['jti', 'a']],
      [ids[1], ['jti', 'b']],
    ]);
    const waiting = reader.xread('BLOCK', 5_000, 'STREAMS', 'feed', ids[1] ?? '$');
    const third = await writer.xadd('feed', 'MAXLEN', '~', 1000, '*', 'jti', 'c');
    await expect(waiting).resolves.toEqual([['feed', [[third, ['jti', 'c']]]]]);
  });

  it('transactions that fail when what they watch has changed', async () => {
    const [watcher, other] = [connect(), connect()];
    await watcher.watch('row');
    await other.set('row', 'changed');
    await expect(watcher.multi().set('row', 'mine').exec()).resolves.toBeNull();
    await expect(other.multi().incr('n').incr('n').exec()).resolves.toEqual([
      [null, 1],
      [null, 2],
    ]);
  });

  it('sorted sets as sliding windows', async () => {
    const redis = connect();
    await redis.zadd('window', 1, 'a', 2, 'b', 3, 'c');
    await expect(redis.zremrangebyscore('window', '-inf', 1)).resolves.toBe(1);
    await expect(redis.zrange('window', '0', '-1', 'WITHSCORES')).resolves.toEqual([
      'b',
      '2',
      'c',
      '3',
    ]);
  });

  describe('rate-limiter-flexible', () => {
    const limiter = (client: Redis, blockDuration = 0) =>
      new RateLimiterRedis({
        storeClient: client,
        keyPrefix: `limit-${blockDuration}`,
        points: 5,
        duration: 60,
        blockDuration,
      });

    it('lets no more through than its points, however many come at once', async () => {
      const [one, other] = [limiter(connect()), limiter(connect())];
      const calls = Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other).consume('address'));
      const outcomes = await Promise.allSettled(calls);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
      const refused = outcomes.find((outcome) => outcome.status === 'rejected');
      expect(refused?.reason).toBeInstanceOf(RateLimiterRes);
      expect((refused?.reason as RateLimiterRes).remainingPoints).toBe(0);
      expect((refused?.reason as RateLimiterRes).msBeforeNext).toBeGreaterThan(50_000);
      await expect(one.consume('another')).resolves.toMatchObject({ remainingPoints: 4 });
    });

    it('blocks, forgives and forgets', async () => {
      const limited = limiter(connect(), 300);
      await limited.consume('account', 5);
      const blocked: unknown = await limited.consume('account').catch((error: unknown) => error);
      expect((blocked as RateLimiterRes).msBeforeNext).toBeGreaterThan(250_000);
      await limited.delete('account');
      await expect(limited.consume('account')).resolves.toMatchObject({ consumedPoints: 1 });
      await expect(limited.reward('account', 1)).resolves.toMatchObject({ consumedPoints: 0 });
    });
  });
}

describe('the stand-in serves', () => {
  itServes(startRedisStandIn);
});

const server = findRedisServer();
(server ? describe : describe.skip)(`Redis serves${server ? '' : NO_SERVER}`, () => {
  itServes(() => startSharedState({ dataDirectory: join(root, 'data'), log: () => undefined }));
});
