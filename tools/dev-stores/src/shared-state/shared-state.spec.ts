import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../process/free-port';
import { askRedis } from './ask-redis';
import { startRedisStandIn } from './redis-stand-in';
import { startSharedState, STAND_IN_NOTICE } from './shared-state';

jest.setTimeout(30_000);

const root = mkdtempSync(join(tmpdir(), 'shared-state-'));
// As root the programs in it are run as another user.
chmodSync(root, 0o755);
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** A folder of programs: the only ones the ladder finds. */
function programs(name: string, scripts: Record<string, string>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [program, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, program), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, program), 0o755);
  }
  return folder;
}

async function firstAnswer(url: string): Promise<unknown> {
  const redis = new Redis(url, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    return await redis.ping();
  } finally {
    if (redis.status !== 'end') redis.disconnect();
  }
}

describe('the shared state is refused', () => {
  const log = () => undefined;
  const options = { dataDirectory: join(root, 'unused'), log };

  it('when nothing answers at the URL given, without telling its password', async () => {
    const port = await freePort();
    const refused = startSharedState({ ...options, redisUrl: `redis://:sesame@127.0.0.1:${port}` });
    await expect(refused).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(refused).rejects.toThrow(`no Redis answers at 127.0.0.1:${port} (`);
    await expect(refused).rejects.not.toThrow('sesame');
  });

  it('when what listens there does not answer', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    await expect(askRedis(`redis://127.0.0.1:${port}`, ['PING'], 200)).rejects.toThrow(
      'no answer within 200 ms',
    );
    silent.close();
  });

  it('when there is no such socket', async () => {
    const refused = startSharedState({ ...options, redisUrl: 'unix:///nowhere/redis.sock' });
    await expect(refused).rejects.toThrow('no Redis answers at /nowhere/redis.sock (');
  });

  it.each([
    ['a wrong', ':guess@', /WRONGPASS/],
    ['no', '', /NOAUTH/],
  ])('when the URL given holds %s password', async (_case, credentials, problem) => {
    const given = await startRedisStandIn();
    const redisUrl = `redis://${credentials}${new URL(given.url).host}`;
    await expect(startSharedState({ ...options, redisUrl })).rejects.toThrow(problem);
    await given.stop();
  });

  it('when the folder holds something else', async () => {
    const dataDirectory = programs('not-redis', { photo: '' });
    await expect(startSharedState({ dataDirectory, log })).rejects.toMatchObject({
      code: 'data_folder_unusable',
    });
  });
});

describe('the shared state is', () => {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  beforeEach(() => lines.splice(0));

  it('the Redis that was named, which is left running', async () => {
    const given = await startRedisStandIn();
    const dataDirectory = join(root, 'never-made');
    const state = await startSharedState({ redisUrl: given.url, dataDirectory, log });
    expect(state).toMatchObject({ url: given.url, kind: 'given' });
    await state.stop();
    await expect(firstAnswer(given.url)).resolves.toBe('PONG');
    await given.stop();
  });

  it('a stand-in when there is neither a server nor an engine, with one plain notice', async () => {
    const searchPath = programs('nothing', {});
    const state = await startSharedState({ dataDirectory: join(root, 'a'), searchPath, log });
    expect(state.kind).toBe('stand-in');
    expect(lines).toEqual([STAND_IN_NOTICE]);
    await expect(firstAnswer(state.url)).resolves.toBe('PONG');
    await expect(firstAnswer(state.url.replace(/:[^:@]+@/, ''))).rejects.toThrow('NOAUTH');
    await state.stop();
    await expect(firstAnswer(state.url)).rejects.toThrow();
  });

  it('a stand-in when the server found does not start and no engine answers, and says why', async () => {
    const searchPath = programs('broken', {
      'redis-server': 'echo "# FATAL: no memory"; exit 1',
      docker: 'echo "Cannot connect to the Docker daemon" >&2; exit 1',
    });
    const state = await startSharedState({ dataDirectory: join(root, 'b'), searchPath, log });
    expect(state.kind).toBe('stand-in');
    expect(lines).toContain(`${searchPath}/redis-server did not start: # FATAL: no memory`);
    await state.stop();
  });

  it('a stand-in when the engine has no image to give', async () => {
    const searchPath = programs('no-image', {
      docker: 'case $1 in version) echo 27;; run) echo "Error: no such image" >&2; exit 125;; esac',
    });
    const state = await startSharedState({ dataDirectory: join(root, 'c'), searchPath, log });
    expect(state.kind).toBe('stand-in');
    expect(lines.join('\n')).toMatch(/Redis does not run in a container \(.*no such image/);
    await state.stop();
  });

  it('a container, published to this machine alone, when an engine answers', async () => {
    const calls = join(root, 'calls');
    const port = await freePort();
    // An engine in miniature, whose containers are the stand-in, configured as they are told.
    const container = `
      const core = require(${JSON.stringify(require.resolve('js-redis-server/core'))});
      const input = require("node:fs").readFileSync(0, "utf8");
      require("node:fs").writeFileSync("${calls}.input", input);
      const state = new core.RedisServerState({ requirepass: /requirepass (.+)/.exec(input)[1] });
      const executor = core.createRedisCommandExecutor();
      require("node:net")
        .createServer((socket) => core.attachSession(new core.SocketConnectionTransport(socket), { state, executor }))
        .listen(${port}, "127.0.0.1", () => console.log("Ready to accept connections"));`;
    const searchPath = programs('engine', {
      docker: `echo "$@" >> ${calls}
        case $1 in
          version) echo 27;;
          run) exec ${process.execPath} -e '${container}';;
          port) echo "127.0.0.1:${port}";;
        esac`,
    });
    const dataDirectory = join(root, 'd');
    const state = await startSharedState({ dataDirectory, searchPath, log });
    expect(state.kind).toBe('container');
    const { host, password } = new URL(state.url);
    expect(host).toBe(`127.0.0.1:${port}`);
    expect(readFileSync(`${calls}.input`, 'utf8')).toContain(`requirepass ${password}\n`);
    const [, removal, run] = readFileSync(calls, 'utf8').split('\n');
    const name = /^rm --force (sallyport-redis-\w{12})$/.exec(removal ?? '')?.[1];
    expect(run).toBe(
      `run --rm --interactive --name ${name} --publish 127.0.0.1::6379 ` +
        `--volume ${dataDirectory}/container:/data redis:7.4-alpine redis-server -`,
    );
    await state.stop();
    expect(readFileSync(calls, 'utf8').trim().split('\n').at(-1)).toBe(`rm --force ${name}`);
    expect(readFileSync(calls, 'utf8')).not.toContain(password);
    expect(statSync(join(dataDirectory, 'container')).isDirectory()).toBe(true);
  });
});
