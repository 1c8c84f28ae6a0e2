const FRESH_MS = 10_000;

/**
 * Values that cost a question to a database, for gauges that anybody who reaches the operations port may read: however
 * often they are read, the question is asked once in ten seconds, and by one reader at a time.
 */
export class SampledValues<Values> {
  #asking: Promise<Values | undefined> | undefined;
  #askedAt = -Infinity;

  /** @param ask whose failure is an answer too: that nothing is known */
  constructor(
    private readonly ask: () => Promise<Values>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Never rejects: undefined while the question cannot be answered. */
  read(): Promise<Values | undefined> {
    const now = this.now();
    if (this.#asking !== undefined && now - this.#askedAt < FRESH_MS) return this.#asking;
    this.#askedAt = now;
    this.#asking = this.ask().catch(() => undefined);
    return this.#asking;
  }
}
