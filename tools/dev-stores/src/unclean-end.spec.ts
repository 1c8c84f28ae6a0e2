import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { startEmbeddedPostgres } from './postgres/embedded-postgres';
import { inspectProcess } from './process/running-process';
import { findRedisServer } from './shared-state/redis-server';
import { startSharedState } from './shared-state/shared-state';
import { DataFolder } from './data-folder';

jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), 'unclean-end-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** Another process that starts a store, says where, and is killed before it can stop it, with nobody left who would. */
async function killedLauncher(start: string): Promise<string> {
  const script = `
    const stores = require(${JSON.stringify(join(__dirname, '../dist/index.js'))});
    ${start}.then(({ url }) => console.log(url));`;
  const launcher = spawn(process.execPath, ['-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface({ input: launcher.stdout }), 'line')) as [string];
  launcher.kill('SIGKILL');
  await once(launcher, 'exit');
  return url;
}

function pidIn(file: string): number {
  return Number(readFileSync(file, 'utf8').split('\n')[0]);
}

describe('after an unclean end PostgreSQL', () => {
  const dataDirectory = join(root, 'postgres');
  const lock = join(dataDirectory, 'cluster', 'postmaster.pid');

  it('takes the place of the server that a killed launcher left behind', async () => {
    const url = await killedLauncher(
      `stores.startEmbeddedPostgres({ dataDirectory: ${JSON.stringify(dataDirectory)}, guarded: false })`,
    );
    const orphan = pidIn(lock);
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('CREATE TABLE kept AS SELECT 7 AS value');
    await client.query('BEGIN; INSERT INTO kept VALUES (8)');

    const server = await startEmbeddedPostgres({ dataDirectory });
    expect(pidIn(lock)).not.toBe(orphan);
    await expect(inspectProcess(orphan)).resolves.toBeUndefined();
    const reader = new Client({ connectionString: server.url });
    await reader.connect();
    expect((await reader.query('SELECT value FROM kept')).rows).toEqual([{ value: 7 }]);
    await reader.end();
    await client.end().catch(() => undefined);
    await server.stop();
  });

  it('recovers when the server itself was killed while it worked', async () => {
    const first = await startEmbeddedPostgres({ dataDirectory });
    const client = new Client({ connectionString: first.url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('INSERT INTO kept VALUES (9)');
    const busy = client.query('SELECT pg_sleep(60)').catch((error: unknown) => error);
    process.kill(pidIn(lock), 'SIGKILL');
    await first.exited;
    const second = await startEmbeddedPostgres({ dataDirectory });
    await busy;
    const reader = new Client({ connectionString: second.url });
    await reader.connect();
    expect((await reader.query('SELECT value FROM kept ORDER BY 1')).rows).toEqual([
      { value: 7 },
      { value: 9 },
    ]);
    await reader.end();
    await second.stop();
  });

  it('is not held up by a lock whose process number another process has by now', async () => {
    writeFileSync(lock, `${process.pid}\n${join(dataDirectory, 'cluster')}\n`);
    await (await startEmbeddedPostgres({ dataDirectory })).stop();
  });

  it('begins anew when its first start was interrupted', async () => {
    const interrupted = join(root, 'interrupted');
    const folder = await DataFolder.open(interrupted, 'postgres');
    await folder.write('superuser-password', 'of an earlier attempt');
    await folder.write('cluster.unfinished', 'half');
    await (await startEmbeddedPostgres({ dataDirectory: interrupted })).stop();
  });
});

const noRedis = findRedisServer()
  ? ''
  : ' (neither redis-server nor valkey-server is on the search path)';

(noRedis ? describe.skip : describe)(`after an unclean end Redis${noRedis}`, () => {
  const dataDirectory = join(root, 'redis');

  it('takes the place of the server that a killed launcher left behind', async () => {
    const url = await killedLauncher(
      `stores.startSharedState({ dataDirectory: ${JSON.stringify(dataDirectory)}, guarded: false, log() {} })`,
    );
    const orphan = pidIn(join(dataDirectory, 'server', 'redis.pid'));
    const client = new Redis(url, { retryStrategy: () => null });
    client.on('error', () => undefined);
    await client.set('kept', '7');

    const state = await startSharedState({ dataDirectory, log: () => undefined });
    await expect(inspectProcess(orphan)).resolves.toBeUndefined();
    const reader = new Redis(state.url);
    await expect(reader.get('kept')).resolves.toBe('7');
    reader.disconnect();
    client.disconnect();
    await state.stop();
  });
});
