import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The version of the package a folder of code (`src`, `dist`) belongs to, as its `package.json` has it; `unknown` where that
 * cannot be read: no process ends for it.
 */
export function packageVersion(codeFolder: string): string {
  try {
    const text = readFileSync(join(codeFolder, '..', 'package.json'), 'utf8');
    const { version } = JSON.parse(text) as { readonly version?: unknown };
    return typeof version === 'string' ? version : 'unknown';
  } catch {
    return 'unknown';
  }
}
