import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  installedPostgres,
  startEmbeddedPostgres,
  startPostgres,
  startSharedState,
  tryInstallation,
} from '@sallyport/dev-stores';
import type { PostgresOptions, PostgresServer } from '@sallyport/dev-stores';
import { startPostgresContainer, startRedisContainer } from './containers';

/** The stores of one test run. */
export interface StartedStores {
  readonly postgresUrl: string;
  readonly redisUrl: string | undefined;
  stop(): Promise<void>;
}

interface Started {
  readonly url: string;
  stop(): Promise<unknown>;
}

/** Nothing in a test run survives it, so nothing has to reach the disk. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
};

/**
 * Real stores: containers where an engine answers, else servers found on the machine, else, for
 * PostgreSQL, the server that npm installed.
 */
export async function startStores(): Promise<StartedStores> {
  const scratch = await mkdtemp(join(tmpdir(), 'sallyport-test-'));
  const started: Started[] = [];
  const stop = async (): Promise<void> => {
    await Promise.allSettled(started.map((store) => store.stop()));
    await rm(scratch, { recursive: true, force: true });
  };
  const keep = <Store extends Started>(store: Store): Store => {
    started.push(store);
    return store;
  };
  try {
    const [postgres, redis] = await Promise.all([
      startRealPostgres(join(scratch, 'postgres')).then(keep),
      startRealRedis(join(scratch, 'redis')).then((store) => store && keep(store)),
    ]);
    return { postgresUrl: postgres.url, redisUrl: redis?.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startRealPostgres(dataDirectory: string): Promise<Started> {
  const options = { dataDirectory, settings: SETTINGS };
  return (
    (await startPostgresContainer()) ??
    (await startInstalledPostgres(options)) ??
    (await startEmbeddedPostgres(options))
  );
}

async function startInstalledPostgres(
  options: PostgresOptions,
): Promise<PostgresServer | undefined> {
  const [binDirectory] = installedPostgres();
  if (binDirectory === undefined) return undefined;
  try {
    return await startPostgres(options, (user) => tryInstallation(binDirectory, user));
  } catch {
    // What is installed does not run here: the next rung of the ladder serves.
    await rm(options.dataDirectory, { recursive: true, force: true });
    return undefined;
  }
}

async function startRealRedis(dataDirectory: string): Promise<Started | undefined> {
  const container = await startRedisContainer();
  if (container) return container;
  const state = await startSharedState({ dataDirectory, log: () => undefined });
  if (state.kind !== 'stand-in') return state;
  await state.stop();
  return undefined;
}
