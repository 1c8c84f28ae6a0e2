/**
 * Background work that is done again and again, with a pause before each pass. A pass must not reject: there is nobody to
 * tell.
 */
export class RepeatedPasses {
  #timer: NodeJS.Timeout | undefined;
  #pass: Promise<void> = Promise.resolve();
  #isStopped = false;

  /** @param pauseMs asked before each pause. */
  constructor(
    private readonly pass: () => Promise<void>,
    private readonly pauseMs: () => number,
  ) {}

  /** Whether a pass that has much to do should leave the rest for another time. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#pass = this.pass().then(() => {
        if (!this.#isStopped) this.start();
      });
    }, this.pauseMs());
  }

  /** Begins no other pass, and waits for the one that is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#pass;
  }
}
