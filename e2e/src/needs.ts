import { declare, missingOf } from './capabilities';
import type { Capability } from './capabilities';
import { knownFacts } from './cluster-facts';

/** What {@link Evidence} is gathered with. */
export const EVIDENCE = ['logs', 'internal-listeners', 'certificates'] as const;

/**
 * Says what the tests of a spec file need of the shared cluster; to be called before anything is asked of it. On a cluster
 * that does not offer all of it they are skipped, under a name that says why, and counted.
 */
export function needs(...capabilities: readonly [Capability, ...Capability[]]): void {
  const { describe, it } = needing(...capabilities);
  Object.assign(globalThis, { describe, it, test: it });
}

/** The same of some tests of a file: what they are declared with instead of `describe` and `it`. */
export function needing(...capabilities: readonly [Capability, ...Capability[]]): {
  readonly describe: jest.Describe;
  readonly it: jest.It;
} {
  declare(capabilities);
  const missing = missingOf(capabilities, knownFacts());
  if (missing.length === 0) return { describe, it };
  const reason = `(this cluster does not offer ${missing.join(', ')})`;
  return { describe: skipping(describe, reason), it: skipping(it, reason) };
}

/** Declares as this does, but skipped, and with the reason behind the name. */
function skipping<Declare extends jest.Describe | jest.It>(real: Declare, reason: string): Declare {
  const skip = real.skip as jest.It;
  const named = (name: unknown): string => `${String(name)} ${reason}`;
  const each = (...table: Parameters<jest.Each>) => {
    const declareEach = skip.each(...table) as (name: string, ...rest: unknown[]) => void;
    return (name: string, ...rest: unknown[]) => {
      declareEach(named(name), ...rest);
    };
  };
  const declareOne = (name: string, ...rest: [jest.ProvidesCallback?, number?]) => {
    skip(named(name), ...rest);
  };
  return Object.assign(declareOne, {
    each,
    skip: real.skip,
    only: real.only,
  }) as unknown as Declare;
}
