import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { FileOwner } from './file-owner';

/** Versions younger than this may still be in the hands of another writer or a reader. */
const KEEP_VERSIONS_MS = 60_000;

export interface FileContent {
  readonly content: string;
  /** Permission bits, e.g. 0o600. */
  readonly mode: number;
}

/** Replaces one file; a reader sees the old content or the new one. */
export async function writeFileAtomically(path: string, file: FileContent): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(temporary, file.content, { mode: file.mode });
  await rename(temporary, path);
}

/**
 * Replaces all files of a directory together, the way Kubernetes updates mounted volumes: a new version
 * in a folder of its own, then one rename of the `..data` link that every file name goes through.
 * A reader that resolves `..data` once never sees files of two versions.
 *
 * @param owner of the files; the folders stay the writer's, who alone replaces what is in them
 */
export async function writeFilesTogether(
  directory: string,
  files: Readonly<Record<string, FileContent>>,
  owner?: FileOwner,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  // Not joined: path.join would take the two dots for the parent.
  const version = await mkdtemp(`${directory}${sep}..`);
  await chmod(version, 0o755);
  for (const [name, { content, mode }] of Object.entries(files)) {
    const path = join(version, name);
    await writeFile(path, content, { mode });
    // Said again, because the process may be told to create files with fewer permissions.
    await chmod(path, mode);
    // -1 leaves it as it is.
    if (owner) await chown(path, owner.uid ?? -1, owner.gid);
  }
  await pointLink(join(directory, '..data'), basename(version));
  for (const name of Object.keys(files)) {
    await pointLink(join(directory, name), join('..data', name));
  }
  await removeOldVersions(directory);
}

/** Makes the path a link to the target, atomically when it exists. */
async function pointLink(path: string, target: string): Promise<void> {
  const present = await readlink(path).catch(() => undefined);
  if (present === target) return;
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  await symlink(target, temporary);
  await rename(temporary, path);
}

async function removeOldVersions(directory: string): Promise<void> {
  const current = await readlink(join(directory, '..data'));
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (!entry.isDirectory() || !entry.name.startsWith('..') || entry.name === current) continue;
    const version = join(directory, entry.name);
    const { mtimeMs } = await stat(version);
    if (Date.now() - mtimeMs > KEEP_VERSIONS_MS)
      await rm(version, { recursive: true, force: true });
  }
}
