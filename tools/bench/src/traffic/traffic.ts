import { spreadOf } from '../spread';
import type { Spread } from '../spread';

/** What became of requests of one sort. */
export interface TrafficReport {
  readonly requests: number;
  readonly perSecond: number;
  /** How long they took, in milliseconds. */
  readonly ms: Spread;
  /** How many failed, by what they failed of. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Keeps count of requests, how long they took, and which of them failed. */
export class Traffic {
  #since = performance.now();
  #ms: number[] = [];
  #failures: Record<string, number> = {};

  get requests(): number {
    return this.#ms.length;
  }

  /** Resolves with what a request resolves with; undefined when it failed, which is noted. */
  async count<Answer>(request: () => Promise<Answer>): Promise<Answer | undefined> {
    const startedAt = performance.now();
    try {
      return await request();
    } catch (error) {
      const reason = reasonOf(error);
      this.#failures[reason] = (this.#failures[reason] ?? 0) + 1;
      return undefined;
    } finally {
      this.#ms.push(performance.now() - startedAt);
    }
  }

  /** What happened since it was asked the last time. */
  takeReport(): TrafficReport {
    const now = performance.now();
    const report = {
      requests: this.#ms.length,
      perSecond: this.#ms.length / ((now - this.#since) / 1000),
      ms: spreadOf(this.#ms),
      failures: this.#failures,
    };
    this.#since = now;
    this.#ms = [];
    this.#failures = {};
    return report;
  }
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
};
