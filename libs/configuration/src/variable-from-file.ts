import { readFileSync } from 'node:fs';
import { ConfigurationError } from './configuration-error';
import { readOwn, type Environment } from './own-variable';

/** Longer than any setting: a path that was mistaken for another's is not read whole. */
const LONGEST_CONTENT = 64 * 1024;

/**
 * The value of a variable: its own, or the content of the file that `X_FILE` names, without the line end that editors
 * leave. A file without content counts as not set.
 *
 * @throws ConfigurationError naming `X_FILE` when both are set, or when the file cannot be read. Says nothing of what is in it.
 */
export function readFromFile(environment: Environment, variable: string): string | undefined {
  const value = readOwn(environment, variable);
  const file = readOwn(environment, `${variable}_FILE`);
  if (file === undefined) return value;
  if (value !== undefined) {
    throw new ConfigurationError(`${variable}_FILE`, `expected only where ${variable} is not set`);
  }
  return contentOf(`${variable}_FILE`, file).replace(/\r?\n$/, '') || undefined;
}

function contentOf(variable: string, file: string): string {
  const expected = `expected a readable file of text, got ${JSON.stringify(file)}`;
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch {
    throw new ConfigurationError(variable, expected);
  }
  if (content.length > LONGEST_CONTENT) throw new ConfigurationError(variable, expected);
  return content;
}
