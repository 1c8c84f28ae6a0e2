import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DataFolder } from '../data-folder';
import { DataFolderError } from '../data-folder.error';
import { giveTo, isRoot, ownerOf, serverUser } from '../process/server-user';
import type { ServerUser } from '../process/server-user';
import type { PostgresInstallation } from './postgres-installation';
import { scramVerifier } from './scram-verifier';

const PASSWORD_FILE = 'superuser-password';
const CLUSTER = 'cluster';
const UNFINISHED = 'cluster.unfinished';

/** The role that may do anything in a cluster. */
export const SUPERUSER = 'postgres';

/**
 * How a program that is started inside a cluster's directory names it. On Linux that needs no way through the
 * parents: root may keep the data in its home folder, where the user the server runs as cannot go.
 */
export function directoryFromInside(directory: string): string {
  return process.platform === 'linux' ? '/proc/self/cwd' : directory;
}

/** Finds the programs to run as the user who owns the data. */
export type FindInstallation = (user: ServerUser) => Promise<PostgresInstallation>;

/** A complete database cluster on disk (PostgreSQL, chapter 18.2), and what it takes to run and enter it. */
export interface Cluster {
  readonly directory: string;
  readonly superuserPassword: string;
  readonly user: ServerUser;
  readonly installation: PostgresInstallation;
}

/**
 * The cluster of a data folder, made first where there is none. An interrupted making leaves none.
 *
 * @throws DataFolderError when there is one that this user, these programs or this password do not fit.
 */
export async function openCluster(folder: DataFolder, find: FindInstallation): Promise<Cluster> {
  const directory = join(folder.path, CLUSTER);
  const present = folder.find(CLUSTER);
  if (!present) return createCluster(folder, find);
  if (!isRoot() && present.uid !== process.getuid?.()) {
    throw new DataFolderError(folder.path, 'its data belongs to another user; start as that user');
  }
  const superuserPassword = (await folder.read(PASSWORD_FILE))?.trim();
  if (!superuserPassword) {
    throw new DataFolderError(
      folder.path,
      `its ${PASSWORD_FILE} is missing; without it nobody gets in`,
    );
  }
  const user = ownerOf(present);
  const installation = await find(user);
  const release = await folder.trying('PG_VERSION cannot be read', () =>
    readFile(join(directory, 'PG_VERSION'), 'utf8'),
  );
  if (Number(release) !== installation.majorVersion) {
    throw new DataFolderError(
      folder.path,
      `holds data of PostgreSQL ${release.trim()}, which release ${installation.majorVersion} does not read; name another folder`,
    );
  }
  return { directory, superuserPassword, user, installation };
}

async function createCluster(folder: DataFolder, find: FindInstallation): Promise<Cluster> {
  const user = serverUser();
  const installation = await find(user);
  const directory = join(folder.path, CLUSTER);
  const superuserPassword = randomBytes(24).toString('base64url');
  await folder.write(PASSWORD_FILE, `${superuserPassword}\n`);
  await folder.trying('the database cannot be created', async () => {
    const unfinished = join(folder.path, UNFINISHED);
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { mode: 0o700 });
    await giveTo(user, unfinished);
    await initialise(unfinished, superuserPassword, user, installation);
    await rename(unfinished, directory);
  });
  return { directory, superuserPassword, user, installation };
}

async function initialise(
  directory: string,
  password: string,
  user: ServerUser,
  { binDirectory, majorVersion }: PostgresInstallation,
): Promise<void> {
  const verifierFile = `${directory}.verifier`;
  await writeFile(verifierFile, `${scramVerifier(password)}\n`, { mode: 0o600 });
  await giveTo(user, verifierFile);
  const verifier = await open(verifierFile);
  try {
    const initdb = spawn(
      join(binDirectory, 'initdb'),
      [
        ...['--pgdata', directoryFromInside(directory), '--username', SUPERUSER],
        ...['--pwfile', '/dev/stdin', '--auth', 'scram-sha-256'],
        ...['--encoding', 'UTF8', '--locale', 'C'],
        // Upper and lower case beyond ASCII, the same on every operating system.
        ...(majorVersion >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []),
        ...['--no-sync', '--no-instructions'],
      ],
      {
        ...user,
        cwd: directory,
        env: { LC_ALL: 'C', TZ: 'UTC' },
        stdio: [verifier.fd, 'ignore', 'pipe'],
      },
    );
    const complaint = initdb.stderr ? text(initdb.stderr) : '';
    const [code] = (await once(initdb, 'close')) as [number | null];
    if (code !== 0) throw new Error(`initdb: ${await complaint}`);
  } finally {
    await verifier.close();
    await rm(verifierFile, { force: true });
  }
}
