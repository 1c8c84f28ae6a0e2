import { setTimeout as delay } from 'node:timers/promises';

export interface SteadyLoadOptions {
  /** How much is begun in a second, as long as there is somebody free to begin it. */
  readonly perSecond: number;
  /** How much may be under way at once. */
  readonly atOnce: number;
  /** Does it once; undefined when all went well, else what did not. */
  readonly work: (turn: number) => Promise<string | undefined>;
}

/** What came of a load. */
export interface LoadResult {
  readonly done: number;
  readonly perSecond: number;
  readonly failures: readonly string[];
}

/** The same thing over and over, at an even pace, until it is stopped. */
export class SteadyLoad {
  readonly #options: SteadyLoadOptions;
  readonly #startedAt = performance.now();
  readonly #failures: string[] = [];
  readonly #workers: readonly Promise<void>[];
  #begun = 0;
  #isOver = false;

  constructor(options: SteadyLoadOptions) {
    this.#options = options;
    this.#workers = Array.from({ length: options.atOnce }, () => this.#run());
  }

  /** How much has been begun so far. */
  get begun(): number {
    return this.#begun;
  }

  /** Resolves once nothing is under way any more. */
  async stop(): Promise<LoadResult> {
    this.#isOver = true;
    await Promise.all(this.#workers);
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return { done: this.#begun, perSecond: this.#begun / seconds, failures: this.#failures };
  }

  async #run(): Promise<void> {
    const { perSecond, work } = this.#options;
    while (!this.#isOver) {
      const turn = this.#begun;
      this.#begun += 1;
      const dueInMs = this.#startedAt + (turn * 1000) / perSecond - performance.now();
      if (dueInMs > 0) await delay(dueInMs);
      const failure = await work(turn).catch(String);
      if (failure !== undefined) this.#failures.push(failure);
    }
  }
}
