import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DataFolder } from '../data-folder';
import { errorText } from '../error-text';
import { findExecutable } from '../process/find-executable';
import { ServerProcess } from '../process/server-process';
import type { ServerLog } from '../process/server-process';
import { StoreUnavailable } from '../store-unavailable.error';
import { askRedis } from './ask-redis';
import {
  generatePassword,
  loopbackUrl,
  REDIS_READY,
  redisConfiguration,
} from './redis-configuration';
import type { SharedState } from './shared-state';

/** The image whose server is run. */
export const REDIS_IMAGE = 'redis:7.4-alpine';

/** The docker command, when there is one and its engine answers. */
export async function findContainerEngine(searchPath?: string): Promise<string | undefined> {
  const docker = findExecutable(['docker'], searchPath);
  if (docker === undefined) return undefined;
  try {
    await run(docker, ['version', '--format', '{{.Server.Version}}']);
    return docker;
  } catch {
    return undefined;
  }
}

/**
 * Runs Redis in a container with its data in the folder, published on a free port of 127.0.0.1 alone. The
 * container that an earlier, killed launcher left for the folder is removed first.
 *
 * @throws StoreUnavailable when the image cannot be had or does not start.
 */
export async function startRedisContainer(
  folder: DataFolder,
  docker: string,
  log: ServerLog,
): Promise<SharedState> {
  const data = join(folder.path, 'container');
  await folder.trying('the data directory cannot be made', () => mkdir(data, { recursive: true }));
  const name = `sallyport-redis-${createHash('sha256').update(data).digest('hex').slice(0, 12)}`;
  const remove = () => run(docker, ['rm', '--force', name]).catch(() => undefined);
  await remove();
  const password = generatePassword();
  try {
    const client = await ServerProcess.start({
      file: docker,
      arguments: [
        ...['run', '--rm', '--interactive', '--name', name, '--publish', '127.0.0.1::6379'],
        ...['--volume', `${data}:/data`, REDIS_IMAGE, 'redis-server', '-'],
      ],
      user: {},
      workingDirectory: '/',
      environment: engineEnvironment(),
      input: redisConfiguration({ requirepass: password }),
      ready: REDIS_READY,
      // Includes fetching the image for the first time.
      readyWithinMs: 180_000,
      stop: [['SIGTERM', 10_000]],
      log,
    });
    const published = await run(docker, ['port', name, '6379/tcp']);
    const url = loopbackUrl(Number(/127\.0\.0\.1:(\d+)/.exec(published)?.[1]), password);
    await askRedis(url, ['PING']);
    const stop = async () => {
      await client.stop();
      await remove();
    };
    return { url, kind: 'container', stop };
  } catch (error) {
    await remove();
    throw new StoreUnavailable(`Redis does not run in a container (${errorText(error)})`, {
      cause: error,
    });
  }
}

/** The docker command finds its engine and its settings through these. */
function engineEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && (entry[0] === 'HOME' || entry[0].startsWith('DOCKER_')),
    ),
  );
}

async function run(docker: string, command: readonly string[]): Promise<string> {
  return (await promisify(execFile)(docker, command, { timeout: 10_000 })).stdout;
}
