import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataFolder } from '../data-folder';
import { DataFolderError } from '../data-folder.error';
import { findExecutable } from '../process/find-executable';
import { freePort } from '../process/free-port';
import { endProcess, inspectProcess } from '../process/running-process';
import type { Escalation } from '../process/running-process';
import { ServerProcess, ServerStartFailed } from '../process/server-process';
import type { ServerLog } from '../process/server-process';
import { giveTo, isRoot, ownerOf, serverUser } from '../process/server-user';
import type { ServerUser } from '../process/server-user';
import { askRedis } from './ask-redis';
import {
  generatePassword,
  loopbackUrl,
  REDIS_READY,
  redisConfiguration,
} from './redis-configuration';
import type { SharedState } from './shared-state';

const STOP: Escalation = [
  ['SIGTERM', 10_000],
  ['SIGKILL', 5_000],
];
const PID_FILE = 'redis.pid';
const START_ATTEMPTS = 5;

/** The Redis or Valkey server of this machine, if any. */
export function findRedisServer(searchPath?: string): string | undefined {
  return findExecutable(['redis-server', 'valkey-server'], searchPath);
}

/**
 * Runs a Redis server on a free port of 127.0.0.1, with a password of this run and its data in the folder; or with
 * the port and password it had before.
 * A server that an earlier, killed launcher left running on the folder is ended first.
 *
 * @throws DataFolderError when the folder cannot be used.
 * @throws StoreUnavailable when the server does not start.
 */
export async function startRedisServer(
  folder: DataFolder,
  file: string,
  options: {
    readonly log: ServerLog;
    readonly guarded?: boolean | undefined;
    readonly formerUrl?: string | undefined;
  },
): Promise<SharedState> {
  await endOrphan(folder);
  const user = await provideData(folder);
  const former = options.formerUrl === undefined ? undefined : new URL(options.formerUrl);
  const password = former?.password ?? generatePassword();
  for (let attempt = 1; ; attempt += 1) {
    const port = former === undefined ? await freePort() : Number(former.port);
    await folder.recordLaunch(port);
    try {
      return await run(folder, { file, user, port, password, ...options });
    } catch (error) {
      const portTaken =
        error instanceof ServerStartFailed &&
        error.lines.some((line) => line.includes('Address already in use'));
      if (!portTaken || former !== undefined || attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function run(
  folder: DataFolder,
  {
    file,
    user,
    port,
    password,
    log,
    guarded,
  }: {
    file: string;
    user: ServerUser;
    port: number;
    password: string;
    log: ServerLog;
    guarded?: boolean | undefined;
  },
): Promise<SharedState> {
  const server = await ServerProcess.start({
    file,
    arguments: ['-'],
    user,
    // It never leaves this directory, and so needs no way through the parents of the folder.
    workingDirectory: join(folder.path, 'server'),
    input: redisConfiguration({
      bind: '127.0.0.1',
      port: String(port),
      requirepass: password,
      pidfile: PID_FILE,
    }),
    ready: REDIS_READY,
    readyWithinMs: 30_000,
    stop: STOP,
    guarded,
    log,
  });
  const url = loopbackUrl(port, password);
  try {
    await askRedis(url, ['PING']);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url, kind: 'server', exited: server.exited, stop: () => server.stop() };
}

async function provideData(folder: DataFolder): Promise<ServerUser> {
  const present = folder.find('server');
  if (present && !isRoot() && present.uid !== process.getuid?.()) {
    throw new DataFolderError(folder.path, 'its data belongs to another user; start as that user');
  }
  const user = present ? ownerOf(present) : serverUser();
  await folder.trying('the data directory cannot be made', async () => {
    const data = join(folder.path, 'server');
    await mkdir(data, { recursive: true });
    await chmod(data, 0o700);
    await giveTo(user, data);
  });
  return user;
}

async function endOrphan(folder: DataFolder): Promise<void> {
  const launch = await folder.latestLaunch();
  const text = await readFile(join(folder.path, 'server', PID_FILE), 'utf8').catch(() => '');
  const server = await inspectProcess(Number(text) || 0);
  // Redis and Valkey show their address in place of their arguments.
  if (!launch || !server?.commandLine.includes(`-server 127.0.0.1:${launch.port}`)) return;
  await folder.refuseIfLaunched(server);
  await folder.trying('its former server cannot be ended', () => endProcess(server.pid, STOP));
}
