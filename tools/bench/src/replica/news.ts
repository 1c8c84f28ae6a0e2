import type { ChildProcess } from 'node:child_process';

/** What a child process tells, in the order it was told, so that nothing is missed between two questions. */
export class News<Told extends { readonly event: string }> {
  readonly #told: Told[] = [];
  #ended: Error | undefined;
  #waiting: (() => void) | undefined;

  constructor(child: ChildProcess) {
    child.on('message', (message) => {
      this.#told.push(message as Told);
      this.#waiting?.();
    });
    child.once('exit', (code) => {
      this.#ended = new Error(`${child.spawnargs.at(-1) ?? ''} ended with ${code}`);
      this.#waiting?.();
    });
  }

  /**
   * Resolves with the next of these events, passing over others.
   *
   * @throws Error when the child ends, or it takes too long
   */
  async next<Event extends Told['event']>(
    event: Event,
    withinMs: number,
  ): Promise<Extract<Told, { readonly event: Event }>> {
    const endsAt = performance.now() + withinMs;
    for (;;) {
      for (let told = this.#told.shift(); told !== undefined; told = this.#told.shift()) {
        if (told.event === event) return told as Extract<Told, { readonly event: Event }>;
        if ('message' in told) console.log(`told meanwhile: ${String(told.message)}`);
      }
      if (this.#ended) throw this.#ended;
      const leftMs = endsAt - performance.now();
      if (leftMs <= 0) throw new Error(`not ${event} within ${withinMs / 1000} s`);
      await this.#somethingOr(leftMs);
    }
  }

  #somethingOr(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#waiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
