import type { SecurityEvent, SecurityEvents } from '@sallyport/observability';

/** Keeps security events for a test to look at. */
export class RecordedSecurityEvents implements SecurityEvents {
  readonly #events: SecurityEvent[] = [];

  /** In the order they were recorded. */
  get all(): readonly SecurityEvent[] {
    return this.#events;
  }

  /** The reasons of the refusals, in order. */
  get refusals(): readonly string[] {
    return this.#events.filter(({ outcome }) => outcome === 'refused').map(({ reason }) => reason);
  }

  record(event: SecurityEvent): void {
    this.#events.push(Object.freeze({ ...event }));
  }

  /** Forgets what was recorded so far. */
  clear(): void {
    this.#events.length = 0;
  }
}
