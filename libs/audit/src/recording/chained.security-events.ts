import type { Logger, Registry, SecurityEvent, SecurityEvents } from '@sallyport/observability';
import type { UnchainedEvent } from '../store/event-row';
import { AuditMetrics } from './audit-metrics';
import { EventQueue, type QueueCapacity } from './event-queue';
import { EventWriter } from './event-writer';

/** Five seconds of the fastest appending. */
const CAPACITY: QueueCapacity = { events: 10_000, reserved: 1_000 };

export interface ChainedSecurityEventsOptions {
  /** Where events go at once, whatever becomes of the chain. */
  readonly logged: SecurityEvents;
  /** Appends events to the chain; called with the same ones again after a failure. */
  readonly append: (events: readonly UnchainedEvent[]) => Promise<void>;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly clock: () => Date;
  readonly capacity?: QueueCapacity;
}

/**
 * Logs security events at once and chains them a moment later, so that nobody waits for the database.
 *
 * While the database is away events wait, in order. Beyond 10,000 the newest stay in the log alone: they are counted, and an
 * `events_lost` row stands in their place. A crash loses what waits, which is less than a second's while the database answers.
 */
export class ChainedSecurityEvents implements SecurityEvents {
  readonly #logged: SecurityEvents;
  readonly #logger: Logger;
  readonly #clock: () => Date;
  readonly #queue: EventQueue;
  readonly #writer: EventWriter;
  readonly #metrics: AuditMetrics;
  #isLosing = false;
  #isClosed = false;

  constructor(options: ChainedSecurityEventsOptions) {
    const { logged, append, logger, registry, clock, capacity = CAPACITY } = options;
    const queue = new EventQueue(capacity);
    const metrics = new AuditMetrics(registry, () => queue.length);
    this.#logged = logged;
    this.#logger = logger;
    this.#clock = clock;
    this.#queue = queue;
    this.#metrics = metrics;
    this.#writer = new EventWriter({
      queue,
      append,
      logger,
      onAppended: (count) => {
        metrics.appended.inc(count);
        this.#isLosing = false;
      },
    });
  }

  /** Starts the chain, if it has no row yet. */
  start(): void {
    this.#writer.wake();
  }

  record(event: SecurityEvent): void {
    this.#logged.record(event);
    if (this.#isClosed || !this.#queue.push(event, this.#clock())) this.#lose(1);
    this.#writer.wake();
  }

  /** Appends what waits, for at most so long. What is recorded from now on is in the log alone. */
  async close(withinMs: number): Promise<void> {
    this.#isClosed = true;
    const left = await this.#writer.close(withinMs);
    if (left > 0) this.#lose(left);
  }

  #lose(count: number): void {
    this.#metrics.lost.inc(count);
    // Once for each time it begins: there may be thousands a second.
    if (!this.#isLosing) this.#logger.error({ event: 'audit_events_lost', count });
    this.#isLosing = true;
  }
}
