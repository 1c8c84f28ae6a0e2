import { ServiceError } from '@sallyport/nest-zero-trust';

/** Runs a bounded number of pieces of work at a time and lets a bounded number wait, in order of arrival. */
export class BoundedWork {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(private readonly capacity: { readonly running: number; readonly waiting: number }) {}

  /** @throws ServiceError RESOURCE_EXHAUSTED `server_busy` when there is no place to wait. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < this.capacity.running) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= this.capacity.waiting) {
      throw new ServiceError('RESOURCE_EXHAUSTED', 'server_busy');
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The place passes to whoever has waited longest, so that nobody overtakes. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running -= 1;
  }
}
