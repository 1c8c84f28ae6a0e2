import { join } from 'node:path';
import { startEmbeddedPostgres } from '@sallyport/dev-stores';
import type { PostgresServer } from '@sallyport/dev-stores';

/** Nothing in it survives the run, so nothing has to reach the disk. */
const SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** Instead of the launcher's, which writes everything to the disk: a PostgreSQL with its data in a folder of the run. */
export function startFleetingPostgres(home: string): Promise<PostgresServer> {
  return startEmbeddedPostgres({ dataDirectory: join(home, 'database'), settings: SETTINGS });
}
