import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { isExecutableFile } from '../process/find-executable';
import type { ServerUser } from '../process/server-user';

/** PostgreSQL programs that were seen to run as the user they are meant for. */
export interface PostgresInstallation {
  readonly binDirectory: string;
  readonly majorVersion: number;
}

/** Where distributions put servers outside the search path, one folder per major version. */
const DISTRIBUTION_FOLDERS: readonly (readonly [folder: string, bin: (name: string) => string])[] =
  [
    ['/usr/lib/postgresql', (version) => `/usr/lib/postgresql/${version}/bin`],
    ['/usr', (name) => (name.startsWith('pgsql-') ? `/usr/${name}/bin` : '')],
  ];

/**
 * Tries the programs in a folder as this user: the search permission of each parent folder, the mode bits
 * and the shared libraries are all tested by running them.
 *
 * @throws Error saying what stands in the way.
 */
export async function tryInstallation(
  binDirectory: string,
  user: ServerUser,
): Promise<PostgresInstallation> {
  // The working directory of this process may be out of that user's reach.
  const run = { ...user, cwd: '/', timeout: 10_000, env: { LC_ALL: 'C' } };
  const [postgres] = await Promise.all(
    ['postgres', 'initdb'].map((program) =>
      promisify(execFile)(join(binDirectory, program), ['--version'], run),
    ),
  );
  const [, major] = /\(PostgreSQL\) (\d+)/.exec(postgres?.stdout ?? '') ?? [];
  if (major === undefined) throw new Error(`${binDirectory}/postgres does not tell its version`);
  return { binDirectory, majorVersion: Number(major) };
}

/** The PostgreSQL servers installed on this machine: those on the search path, then the newest first. */
export function installedPostgres(searchPath = process.env['PATH'] ?? ''): readonly string[] {
  const folders = [
    ...searchPath.split(delimiter).filter(isAbsolute),
    ...DISTRIBUTION_FOLDERS.flatMap(([folder, bin]) => namesIn(folder).map(bin)).sort(newestFirst),
  ];
  return folders.filter((folder) =>
    ['postgres', 'initdb'].every((program) => isExecutableFile(join(folder, program))),
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function newestFirst(one: string, other: string): number {
  return other.localeCompare(one, 'en', { numeric: true });
}
