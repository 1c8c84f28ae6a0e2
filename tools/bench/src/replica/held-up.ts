import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;

/** Notices how long this process did nothing else. */
export class HeldUp {
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#delays.enable();
  }

  /** The longest since it was asked the last time, in milliseconds. */
  takeLongestMs(): number {
    // It is measured from one wake-up to the next, which are the resolution apart when nothing is in the way.
    const longest = Math.max(0, this.#delays.max / 1e6 - RESOLUTION_MS);
    this.#delays.reset();
    return longest;
  }
}
