import { StoreUnavailable } from '../store-unavailable.error';
import { embeddedInstallation } from './embedded-installation';
import { startPostgres } from './postgres-server';
import type { PostgresOptions, PostgresServer } from './postgres-server';

/**
 * Runs the PostgreSQL server that npm installed, on 127.0.0.1, with its data in a folder.
 *
 * Root may call it: the server then runs as the owner of the data, `nobody` for new data.
 *
 * @throws DataFolderError when the folder cannot be used.
 * @throws StoreUnavailable when there is no such server for this machine, or it does not start.
 */
export async function startEmbeddedPostgres(options: PostgresOptions): Promise<PostgresServer> {
  if (process.platform === 'win32') {
    throw new StoreUnavailable(
      'the embedded PostgreSQL is started on Linux and macOS only; set DATABASE_URL to a server',
    );
  }
  return startPostgres(options, (user) => embeddedInstallation(user));
}
