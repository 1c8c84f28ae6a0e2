import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { askRedis } from './ask-redis';
import { findRedisServer } from './redis-server';
import { startSharedState } from './shared-state';
import type { SharedState } from './shared-state';

jest.setTimeout(30_000);

// Out of reach of the user that root runs the server as, which the server does not mind.
const root = mkdtempSync(join(tmpdir(), 'redis-server-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const found = findRedisServer();
const why = found ? '' : ' (neither redis-server nor valkey-server is on the search path)';

async function ask(url: string, ...command: [string, ...string[]]): Promise<unknown> {
  const redis = new Redis(url, { retryStrategy: () => null });
  try {
    return await redis.call(...command);
  } finally {
    redis.disconnect();
  }
}

(found ? describe : describe.skip)(`a Redis server of this machine${why}`, () => {
  const dataDirectory = join(root, 'data');
  const start = () => startSharedState({ dataDirectory, log: () => undefined });
  let state: SharedState;
  beforeAll(async () => {
    state = await start();
  });
  afterAll(() => state.stop());

  it('is not started twice on one folder', async () => {
    await expect(start()).rejects.toThrow(`is in use by process ${process.pid}; stop it first`);
    await expect(ask(state.url, 'PING')).resolves.toBe('PONG');
  });

  it('cannot be reached from the network', async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    for (const { address } of addresses.filter(
      (each) => !each.internal && each.family === 'IPv4',
    )) {
      const url = new URL(state.url);
      url.hostname = address;
      await expect(askRedis(url.href, ['PING'])).rejects.toThrow('ECONNREFUSED');
    }
  });

  it('runs as the owner of its data, who is not root and alone reads it', () => {
    const data = statSync(join(dataDirectory, 'server'));
    expect(data.uid).not.toBe(0);
    expect(data.mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDirectory, 'server', 'appendonlydir'))).toMatchObject({
      uid: data.uid,
    });
  });

  it('keeps its data from one run to the next, under a new password', async () => {
    const former = state.url;
    await ask(former, 'SET', 'kept', '7');
    await state.stop();
    state = await start();
    expect(state.kind).toBe('server');
    expect(new URL(state.url).password).not.toBe(new URL(former).password);
    await expect(ask(state.url, 'GET', 'kept')).resolves.toBe('7');
  });
});
