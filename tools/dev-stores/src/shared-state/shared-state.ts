import { errorText } from '../error-text';
import { DataFolder } from '../data-folder';
import type { ServerLog } from '../process/server-process';
import { StoreUnavailable } from '../store-unavailable.error';
import { findContainerEngine, startRedisContainer } from './redis-container';
import { findRedisServer, startRedisServer } from './redis-server';
import { startRedisStandIn } from './redis-stand-in';
import { askRedis } from './ask-redis';

/** Where the shared state lives: a Redis that was named, one started here, or what stands in for one. */
export type SharedStateKind = 'given' | 'server' | 'container' | 'stand-in';

/** A Redis, or what speaks its protocol. */
export interface SharedState {
  /** Where clients connect. Holds the password. */
  readonly url: string;
  readonly kind: SharedStateKind;
  /** Resolves when the server that was started here has ended, for whatever reason. */
  readonly exited?: Promise<unknown>;
  /** Stops what was started; does nothing to a Redis that was named. */
  stop(): Promise<void>;
}

/** What to take and where to keep it. */
export interface SharedStateOptions {
  /** A Redis that runs already. */
  readonly redisUrl?: string;
  /** The folder that is this store's alone; made when there is none. */
  readonly dataDirectory: string;
  /** Receives notices for the person who started this, and the server's log. */
  readonly log: ServerLog;
  /** Where programs are looked for; that of this process unless given. */
  readonly searchPath?: string;
  /** Whether a server started here ends when this process was killed; it does unless this is false. */
  readonly guarded?: boolean;
  /** Where a redis-server of this folder was before, port and password; it comes back there. */
  readonly formerUrl?: string;
}

/** What a user is told who gets no Redis. */
export const STAND_IN_NOTICE =
  'No Redis was found: an in-process stand-in takes its place and forgets everything when it stops. ' +
  'Install redis-server or valkey-server, start Docker, or set REDIS_URL to have the real one.';

/**
 * Provides the shared state from the best source there is: the Redis that was named; a redis-server or
 * valkey-server on the search path; a container, when an engine answers; a stand-in inside this process.
 * One that turns out not to start is reported and passed over, except the Redis that was named.
 *
 * @throws StoreUnavailable when the Redis that was named does not answer.
 * @throws DataFolderError when the folder cannot be used.
 */
export async function startSharedState(options: SharedStateOptions): Promise<SharedState> {
  const { redisUrl, dataDirectory, log, searchPath, guarded, formerUrl } = options;
  if (redisUrl !== undefined) {
    await askRedis(redisUrl, ['PING']);
    return { url: redisUrl, kind: 'given', stop: () => Promise.resolve() };
  }
  const folder = await DataFolder.open(dataDirectory, 'redis');
  const server = findRedisServer(searchPath);
  const started =
    (server &&
      (await attempt(() => startRedisServer(folder, server, { log, guarded, formerUrl }), log))) ??
    (await attempt(async () => {
      const engine = await findContainerEngine(searchPath);
      return engine && startRedisContainer(folder, engine, log);
    }, log));
  if (started) return started;
  log(STAND_IN_NOTICE);
  return startRedisStandIn();
}

async function attempt<Started>(
  start: () => Promise<Started>,
  log: ServerLog,
): Promise<Started | undefined> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    log(errorText(error));
    return undefined;
  }
}
