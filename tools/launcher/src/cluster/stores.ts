import { join } from 'node:path';
import { provisionDatabase, startEmbeddedPostgres, startSharedState } from '@sallyport/dev-stores';
import type { SharedStateKind } from '@sallyport/dev-stores';
import type { Home } from './home';
import { orLaunchError } from './launch-error';
import { DATABASE_NAMES } from './service-commands';
import type { DatabaseName } from './service-commands';
import { shownPath } from './shown-path';
import { openStoreLog } from './store-log';
import type { Teardown } from './teardown';

export interface Databases {
  readonly urls: Readonly<Record<DatabaseName, string>>;
  /** What it is, in words. */
  readonly description: string;
}

export interface SharedStateStore {
  readonly url: string;
  /** What it is, in words. */
  readonly description: string;
}

interface StoreRequest {
  readonly home: Home;
  readonly teardown: Teardown;
  /** Told when a store ends by itself. */
  readonly report: (line: string) => void;
}

/**
 * Provides each service's database: on the server that was named, else on an embedded PostgreSQL.
 *
 * @throws LaunchError `database_unusable`
 */
export function openDatabases(
  request: StoreRequest & {
    readonly databaseUrl: string | undefined;
    readonly passwords: Readonly<Record<string, string>>;
  },
): Promise<Databases> {
  return orLaunchError('database_unusable', 'database', async () => {
    const { databaseUrl, passwords } = request;
    const admin = databaseUrl ?? (await startPostgres(request));
    const urls = new Map<DatabaseName, string>();
    for (const name of DATABASE_NAMES) {
      const password = passwords[name];
      if (password === undefined) throw new TypeError(`no password for the database role ${name}`);
      urls.set(name, await provisionDatabase(admin, { name, password }));
    }
    return {
      urls: Object.fromEntries(urls) as Record<DatabaseName, string>,
      description:
        databaseUrl === undefined
          ? `embedded PostgreSQL, data in ${shownPath(request.home.postgres)}`
          : `PostgreSQL at ${new URL(databaseUrl).host} (DATABASE_URL)`,
    };
  });
}

async function startPostgres({ home, teardown, report }: StoreRequest): Promise<string> {
  const logFile = join(home.logs, 'postgres.log');
  const log = await openStoreLog(logFile);
  teardown.push('database log', () => {
    log.close();
  });
  const server = await startEmbeddedPostgres({ dataDirectory: home.postgres, log: log.write });
  let isWanted = true;
  teardown.push('database', () => {
    isWanted = false;
    return server.stop();
  });
  void server.exited.then(() => {
    if (!isWanted) return;
    report(`the database ended by itself: stop and start again (log: ${shownPath(logFile)})`);
  });
  return server.url;
}

const SHARED_STATE_DESCRIPTIONS: Readonly<Record<SharedStateKind, string>> = {
  given: 'the Redis of REDIS_URL',
  server: 'redis-server of this machine',
  container: 'Redis in a container',
  'stand-in':
    'in-process stand-in for Redis, forgets all when stopped: install redis-server or set REDIS_URL for the real one',
};

/**
 * Provides what the services share: the Redis that was named, else the best this machine offers.
 *
 * @throws LaunchError `shared_state_unusable`
 */
export function openSharedState(
  request: StoreRequest & { readonly redisUrl: string | undefined },
): Promise<SharedStateStore> {
  return orLaunchError('shared_state_unusable', 'shared state', async () => {
    const { home, teardown, redisUrl, report } = request;
    const logFile = join(home.logs, 'redis.log');
    const log = await openStoreLog(logFile);
    teardown.push('shared state log', () => {
      log.close();
    });
    const sharedState = await startSharedState({
      dataDirectory: home.sharedState,
      log: log.write,
      ...(redisUrl !== undefined && { redisUrl }),
    });
    let isWanted = true;
    teardown.push('shared state', () => {
      isWanted = false;
      return sharedState.stop();
    });
    void sharedState.exited?.then(() => {
      if (!isWanted) return;
      report(`the shared state ended by itself: stop and start again (log: ${shownPath(logFile)})`);
    });
    return { url: sharedState.url, description: SHARED_STATE_DESCRIPTIONS[sharedState.kind] };
  });
}
