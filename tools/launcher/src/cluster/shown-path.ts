import { relative, resolve } from 'node:path';

/** A path as a person in the working directory would write it. */
export function shownPath(path: string): string {
  const shown = relative('', path);
  return shown === '' || shown.startsWith('..') ? resolve(path) : shown;
}
