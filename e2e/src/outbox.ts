import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outbox } from './cluster-facts';
import { outputOf } from './runnable';

/** All mail and text messages that were kept instead of being sent and are still there, the oldest first. */
export function messagesIn(outbox: Outbox): readonly string[] {
  if ('command' in outbox) return JSON.parse(outputOf(outbox)) as string[];
  return namesIn(outbox.folder).map((name) => contentOf(join(outbox.folder, name)));
}

/** None before the first message. */
function namesIn(folder: string): readonly string[] {
  return (orUndefined(() => readdirSync(folder)) ?? [])
    .filter((name) => name.endsWith('.txt'))
    .sort();
}

/** Empty for what has made room for newer messages meanwhile. */
function contentOf(file: string): string {
  return orUndefined(() => readFileSync(file, 'utf8')) ?? '';
}

function orUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
