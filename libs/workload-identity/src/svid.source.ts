import type { Svid } from './svid';
import type { TrustBundle } from './trust-bundle';

/** Everything a workload needs to prove who it is and to verify others. */
export interface WorkloadContext {
  readonly svid: Svid;
  readonly bundle: TrustBundle;
}

export type WorkloadContextListener = (context: WorkloadContext) => void;

/** Where a workload's identity comes from: files, the SPIFFE Workload API, a test. */
export interface SvidSource {
  /**
   * The newest consistent identity; synchronous.
   *
   * @throws Error with the code `svid_unavailable` while there is none: a source that asks somebody may have had it taken back
   */
  current(): WorkloadContext;
  /**
   * Calls the listener after each change, and not for the present context.
   * @returns a function that ends the subscription
   */
  subscribe(listener: WorkloadContextListener): () => void;
  close(): void;
}

/** A source whose identity changes only when it is told to. */
export class StaticSvidSource implements SvidSource {
  #context: WorkloadContext;
  readonly #listeners = new Set<WorkloadContextListener>();

  constructor(context: WorkloadContext) {
    this.#context = context;
  }

  current(): WorkloadContext {
    return this.#context;
  }

  subscribe(listener: WorkloadContextListener): () => void {
    // A wrapper of its own, so that one function subscribed twice is two subscriptions.
    const subscription: WorkloadContextListener = (context) => {
      listener(context);
    };
    this.#listeners.add(subscription);
    return () => void this.#listeners.delete(subscription);
  }

  replace(context: WorkloadContext): void {
    this.#context = context;
    for (const listener of this.#listeners) listener(context);
  }

  close(): void {
    this.#listeners.clear();
  }
}
