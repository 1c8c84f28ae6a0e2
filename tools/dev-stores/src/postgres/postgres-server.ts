import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { DataFolder } from '../data-folder';
import { DataFolderError } from '../data-folder.error';
import { errorCode } from '../error-text';
import { freePort } from '../process/free-port';
import { endProcess, inspectProcess } from '../process/running-process';
import type { Escalation, RunningProcess } from '../process/running-process';
import { ServerProcess, ServerStartFailed } from '../process/server-process';
import type { ServerLog } from '../process/server-process';
import { directoryFromInside, openCluster, SUPERUSER } from './cluster';
import type { Cluster, FindInstallation } from './cluster';

/** A PostgreSQL server that this process started. */
export interface PostgresServer {
  /** Where the superuser connects. Holds the password. */
  readonly url: string;
  readonly port: number;
  /** Settles when the server has ended, asked to or not. */
  readonly exited: Promise<void>;
  /** Stops it fast: open transactions are rolled back, clients disconnected, everything written. */
  stop(): Promise<void>;
}

/** How to run a server on a data folder. */
export interface PostgresOptions {
  /** The folder that is this server's alone; made when there is none. */
  readonly dataDirectory: string;
  /** A port of 127.0.0.1; a free one unless given. */
  readonly port?: number;
  /** Receives the server's log. */
  readonly log?: ServerLog;
  /** Further settings of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether it ends when this process was killed; it does unless this is false. */
  readonly guarded?: boolean;
}

/** PostgreSQL, chapter 18.5: fast shutdown, immediate shutdown, none. */
const STOP: Escalation = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
];

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  // Whoever connects presents a password; a socket file would only add a place to protect.
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  max_connections: '100',
  shared_buffers: '32MB',
  max_wal_size: '256MB',
  max_parallel_workers: '2',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

const START_ATTEMPTS = 20;

/**
 * Runs a PostgreSQL server on 127.0.0.1 that keeps its data in a folder. What an unclean end of an earlier
 * run left there (a stale lock, a server without its launcher) is cleared away first; the database itself
 * recovers from its write-ahead log.
 *
 * @throws DataFolderError when the folder cannot be used.
 * @throws StoreUnavailable when the server does not start, e.g. because the port given is taken.
 */
export async function startPostgres(
  options: PostgresOptions,
  find: FindInstallation,
): Promise<PostgresServer> {
  const folder = await DataFolder.open(options.dataDirectory, 'postgres');
  const cluster = await openCluster(folder, find);
  await endOrphan(folder, cluster);
  const { server, port } = await startServer(folder, cluster, options);
  const url = new URL(`postgres://${SUPERUSER}@127.0.0.1:${port}/postgres`);
  url.password = cluster.superuserPassword;
  try {
    await closeToStrangers(folder, url.href);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url: url.href, port, exited: server.exited, stop: () => server.stop() };
}

async function endOrphan(folder: DataFolder, { directory }: Cluster): Promise<void> {
  const lock = join(directory, 'postmaster.pid');
  await folder.trying('its lock cannot be cleared', async () => {
    const text = await readFile(lock, 'utf8').catch(() => '');
    const server = await inspectProcess(Number(text.split('\n')[0]) || 0);
    if (server && (await worksIn(server, directory))) {
      await folder.refuseIfLaunched(server);
      await endProcess(server.pid, STOP);
    }
    // PostgreSQL would wait for any other process of this user that has the number by now.
    await rm(lock, { force: true });
  });
}

async function worksIn(server: RunningProcess, directory: string): Promise<boolean> {
  return server.workingDirectory === undefined
    ? server.commandLine.includes(directory)
    : server.workingDirectory === (await realpath(directory));
}

async function startServer(
  folder: DataFolder,
  cluster: Cluster,
  options: PostgresOptions,
): Promise<{ server: ServerProcess; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    await folder.recordLaunch(port);
    try {
      return { server: await run(cluster, port, options), port };
    } catch (error) {
      if (attempt === START_ATTEMPTS || !mayPass(error, options.port)) throw error;
      await delay(250);
    }
  }
}

function run(cluster: Cluster, port: number, options: PostgresOptions): Promise<ServerProcess> {
  const settings = { ...SETTINGS, ...options.settings, port: String(port) };
  return ServerProcess.start({
    file: join(cluster.installation.binDirectory, 'postgres'),
    arguments: [
      ...['-D', directoryFromInside(cluster.directory)],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    user: cluster.user,
    workingDirectory: cluster.directory,
    ready: /database system is ready to accept connections/,
    readyWithinMs: 60_000,
    stop: STOP,
    guarded: options.guarded,
    ...(options.log && { log: options.log }),
  });
}

/** A start lost to another process's port, or to the last backends of a killed server, is worth another. */
function mayPass(error: unknown, givenPort: number | undefined): boolean {
  if (!(error instanceof ServerStartFailed)) return false;
  const portTaken = error.lines.some((line) => line.includes('Address already in use'));
  const predecessor = error.lines.some((line) => /pre-existing shared memory block/.test(line));
  return predecessor || (portTaken && givenPort === undefined);
}

/** Only the superuser enters the maintenance databases, so that a service's role sees nothing but its own. */
async function closeToStrangers(folder: DataFolder, url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    await client.query('REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC');
  } catch (error) {
    if (errorCode(error) !== '28P01') throw error;
    throw new DataFolderError(folder.path, 'its superuser-password is not the one of its data');
  } finally {
    await client.end();
  }
}
