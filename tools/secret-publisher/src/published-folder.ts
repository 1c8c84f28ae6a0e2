import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** A Secret, and the folder whose files it holds. */
export interface PublishedFolder {
  readonly secret: string;
  readonly folder: string;
}

const FORM = /^([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)=(\/.+)$/;

/** @throws Error for what is not `SECRET=/FOLDER` */
export function parsePublishedFolder(text: string): PublishedFolder {
  const [, secret, folder] = FORM.exec(text) ?? [];
  if (secret === undefined || folder === undefined) {
    throw new Error(`expected SECRET=/FOLDER, got ${JSON.stringify(text)}`);
  }
  return { secret, folder };
}

/**
 * The files of a folder in base64 by name, as a Secret holds them; folders within it and hidden files are left out. All are of
 * one version where the folder is replaced as a whole, through a `..data` link.
 *
 * @returns undefined while the folder is not there or empty
 */
export async function contentOf(
  folder: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const version = await realpath(join(folder, '..data')).catch(() => folder);
  const entries = await readdir(version, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
  if (names.length === 0) return undefined;
  const contents = await Promise.all(names.map((name) => readFile(join(version, name), 'base64')));
  return Object.fromEntries(names.map((name, index) => [name, contents[index] ?? '']));
}
