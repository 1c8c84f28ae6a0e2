import { accessSync, constants, statSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { field, type Field } from './field';

/** A directory that exists and can be listed; gives its absolute path. */
export function directory(): Field<string> {
  return field({
    expected: 'a readable directory',
    parse: (text) =>
      readablePath(text, (stats) => stats.isDirectory(), constants.R_OK | constants.X_OK),
  });
}

/** A file that exists and can be read; gives its absolute path. Its content is not looked at. */
export function file(): Field<string> {
  return field({
    expected: 'a readable file',
    parse: (text) => readablePath(text, (stats) => stats.isFile(), constants.R_OK),
  });
}

function readablePath(
  text: string,
  isExpectedKind: (stats: Stats) => boolean,
  access: number,
): string | undefined {
  const path = resolve(text);
  try {
    accessSync(path, access);
    return isExpectedKind(statSync(path)) ? path : undefined;
  } catch {
    return undefined;
  }
}
