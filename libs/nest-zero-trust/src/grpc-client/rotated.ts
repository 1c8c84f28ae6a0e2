import type { SvidSource, WorkloadContext } from '@sallyport/workload-identity';

interface Generation<Resource> {
  readonly resource: Resource;
  uses: number;
}

/**
 * A resource built from a workload's identity and built anew when that changes. Uses begun before a
 * change keep the resource they began with, which is released after the last of them.
 */
export class Rotated<Resource> {
  readonly #release: (resource: Resource) => void;
  readonly #unsubscribe: () => void;
  #current: Generation<Resource> | undefined;

  constructor(
    source: SvidSource,
    build: (context: WorkloadContext) => Resource,
    release: (resource: Resource) => void,
  ) {
    this.#release = release;
    this.#current = { resource: build(source.current()), uses: 0 };
    this.#unsubscribe = source.subscribe((context) => {
      this.#replace({ resource: build(context), uses: 0 });
    });
  }

  /** @param whenClosed gives what to throw after {@link Rotated.close} */
  async use<Result>(
    work: (resource: Resource) => Promise<Result>,
    whenClosed: () => Error,
  ): Promise<Result> {
    const generation = this.#current;
    if (!generation) throw whenClosed();
    generation.uses += 1;
    try {
      return await work(generation.resource);
    } finally {
      generation.uses -= 1;
      this.#releaseWhenUnused(generation);
    }
  }

  close(): void {
    this.#unsubscribe();
    this.#replace(undefined);
  }

  #replace(next: Generation<Resource> | undefined): void {
    const previous = this.#current;
    this.#current = next;
    if (previous) this.#releaseWhenUnused(previous);
  }

  #releaseWhenUnused(generation: Generation<Resource>): void {
    if (generation !== this.#current && generation.uses === 0) this.#release(generation.resource);
  }
}
