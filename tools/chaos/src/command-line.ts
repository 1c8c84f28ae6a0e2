import { parseArgs } from 'node:util';
import type { Fault } from './faults/fault';

/** What somebody asked for. */
export interface Wish {
  readonly list: boolean;
  readonly seed: number;
  readonly faults: readonly Fault[];
}

export const USAGE =
  'usage: npm run chaos [-- [--list] [--only NAME[,NAME…]] [--seed NUMBER]]; NAME may end in *';

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Parses the arguments. @throws UsageError */
export function parseCommandLine(
  words: readonly string[],
  { faults, newSeed }: { readonly faults: readonly Fault[]; readonly newSeed: () => number },
): Wish {
  const { list = false, seed = String(newSeed()), only } = optionsOf(words);
  if (!/^\d{1,10}$/.test(seed)) throw new UsageError(USAGE);
  return { list, seed: Number(seed), faults: chosen(faults, only) };
}

function optionsOf(words: readonly string[]): { list?: boolean; only?: string; seed?: string } {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: { list: { type: 'boolean' }, only: { type: 'string' }, seed: { type: 'string' } },
    });
    return values;
  } catch {
    throw new UsageError(USAGE);
  }
}

function chosen(faults: readonly Fault[], only: string | undefined): readonly Fault[] {
  if (only === undefined) return faults;
  const wanted = only.split(',').map((pattern) => {
    const found = faults.filter(({ name }) => matches(name, pattern));
    if (found.length === 0) throw new UsageError(`there is no fault ${pattern}; --list shows them`);
    return found;
  });
  const names = new Set(wanted.flat());
  return faults.filter((fault) => names.has(fault));
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
