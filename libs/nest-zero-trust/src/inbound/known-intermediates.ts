import type { WorkloadContext } from '@sallyport/workload-identity';

/** Renewals that are remembered; a connection does not outlive as many. */
const MOST_REMEMBERED = 8;

/**
 * The intermediates this workload's own SVIDs came with, the latest last. Its peers get theirs from the same authority, and a
 * server of Node 24 is shown the leaf of a client alone: these complete the chain.
 */
export class KnownIntermediates {
  readonly #known = new Map<string, Buffer>();
  #seen: WorkloadContext | undefined;

  /** Takes note of the identity that is in use now. */
  note(context: WorkloadContext): void {
    if (context === this.#seen) return;
    this.#seen = context;
    for (const intermediate of context.svid.chain.slice(1)) {
      const key = intermediate.toString('base64');
      this.#known.delete(key);
      this.#known.set(key, intermediate);
    }
    for (const key of this.#known.keys()) {
      if (this.#known.size <= MOST_REMEMBERED) return;
      this.#known.delete(key);
    }
  }

  /** The chains a presented one may be: itself, and where it is a leaf alone, that with each intermediate. */
  completionsOf(chain: readonly Buffer[]): readonly (readonly Buffer[])[] {
    if (chain.length !== 1) return [chain];
    return [chain, ...[...this.#known.values()].reverse().map((each) => [...chain, each])];
  }
}
