import type { SecurityEvent, SecurityEvents } from '@sallyport/observability';

const INTERVAL_MS = 60_000;

const MOST_REMEMBERED = 1_000;

/**
 * Records what a client can cause without sending a request once a minute for each key: a flood of connections must not
 * become a flood of events. A thousand keys are remembered; beyond that the oldest goes, so that no number of them keeps
 * the event of another from being recorded.
 */
export class SparseEvents {
  readonly #recordedAt = new Map<string, number>();

  constructor(
    private readonly events: SecurityEvents,
    private readonly now: () => number = () => performance.now(),
  ) {}

  record(key: string, event: SecurityEvent): void {
    const now = this.now();
    for (const [known, at] of this.#recordedAt) {
      // In the order of their times.
      if (now - at < INTERVAL_MS) break;
      this.#recordedAt.delete(known);
    }
    if (this.#recordedAt.has(key)) return;
    if (this.#recordedAt.size >= MOST_REMEMBERED) this.#forgetOldest();
    this.#recordedAt.set(key, now);
    this.events.record(event);
  }

  #forgetOldest(): void {
    for (const oldest of this.#recordedAt.keys()) {
      this.#recordedAt.delete(oldest);
      return;
    }
  }
}
