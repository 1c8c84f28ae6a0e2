import { readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { hasCode } from './error-code';

/** One line of a service's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** Sets the log of the last run aside as `<name>.previous`, so that each run's log starts empty. */
export async function rotateLog(logFile: string): Promise<void> {
  await rename(logFile, `${logFile}.previous`).catch((cause: unknown) => {
    if (!hasCode(cause, 'ENOENT')) throw cause;
  });
}

/** The log lines written so far, oldest first. Lines that are not JSON objects are left out. */
export function readLog(logFile: string): readonly LogLine[] {
  return readFileSync(logFile, 'utf8').split('\n').flatMap(parseLine);
}

function parseLine(line: string): readonly LogLine[] {
  if (!line.startsWith('{')) return [];
  try {
    return [JSON.parse(line) as LogLine];
  } catch {
    return [];
  }
}
