import { setTimeout as delay } from 'node:timers/promises';
import { types } from 'node:util';
import { traceOwnWork, type Logger } from '@sallyport/observability';
import { rowOf, rowOfLostEvents, type UnchainedEvent } from '../store/event-row';
import type { EventQueue, Gap, WaitingEvent } from './event-queue';

/** How often a replica appends at most; what is recorded meanwhile goes in together. */
const GATHER_MS = 250;

/** Rows of one append. With the pause before each, a replica appends at most 2,000 rows a second. */
const MOST_ROWS = 500;

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

export interface EventWriterOptions {
  readonly queue: EventQueue;
  readonly append: (events: readonly UnchainedEvent[]) => Promise<void>;
  /** Told how many events were appended. */
  readonly onAppended: (count: number) => void;
  readonly logger: Logger;
}

/** Appends what waits in the queue, in order, beside the work of the service; tries again until it can. */
export class EventWriter {
  readonly #options: EventWriterOptions;
  readonly #closing = new AbortController();
  readonly #givenUp = new AbortController();
  #running: Promise<void> | undefined;
  /** How many rows are being appended. */
  #underWay = 0;
  /** Why appending has failed since it last succeeded. */
  readonly #causes = new Set<string>();

  constructor(options: EventWriterOptions) {
    this.#options = options;
  }

  /** There may be something to append; an empty append starts a chain that is empty. */
  wake(): void {
    this.#running ??= this.#run();
  }

  /** Appends what still waits, for as long as it is given. Resolves with how many events were left behind. */
  async close(withinMs: number): Promise<number> {
    this.#closing.abort();
    const ended = new AbortController();
    await Promise.race([this.#running, pause(withinMs, ended.signal)]);
    ended.abort();
    this.#givenUp.abort();
    return this.#underWay + this.#options.queue.length;
  }

  async #run(): Promise<void> {
    const { queue, onAppended } = this.#options;
    do {
      await pause(GATHER_MS, this.#closing.signal);
      // Made once: what is tried again must be the same.
      const rows = queue.take(MOST_ROWS).map(rowOfTaken);
      this.#underWay = rows.length;
      if (!(await this.#append(rows))) return;
      this.#underWay = 0;
      onAppended(rows.length);
    } while (queue.length > 0 && !this.#givenUp.signal.aborted);
    this.#running = undefined;
  }

  /** False when it was given up before it succeeded. */
  async #append(rows: readonly UnchainedEvent[]): Promise<boolean> {
    const { append, logger } = this.#options;
    let retryMs = FIRST_RETRY_MS;
    while (!this.#givenUp.signal.aborted) {
      try {
        // Of several requests, begun by whichever was first: part of none of their traces.
        await traceOwnWork('audit append', () => append(rows));
        if (this.#causes.size > 0) logger.info({ event: 'audit_appending_again' });
        this.#causes.clear();
        return true;
      } catch (error) {
        const cause = causeOf(error);
        // Once for each cause: it is tried again and again, and behind an outage may be another fault.
        if (!this.#causes.has(cause)) logger.error({ event: 'audit_append', error });
        this.#causes.add(cause);
      }
      await pause(retryMs, this.#givenUp.signal);
      retryMs = Math.min(
        retryMs * 2,
        this.#closing.signal.aborted ? FIRST_RETRY_MS : LONGEST_RETRY_MS,
      );
    }
    return false;
  }
}

/** What failures of one cause have in common: name and code, of the error and of what caused it. */
function causeOf(error: unknown): string {
  // `instanceof` would miss errors that Node makes outside of a test's context.
  if (!types.isNativeError(error)) return typeof error;
  const code = 'code' in error ? String(error.code) : '';
  const ofIt = `${error.name} ${code}`;
  return error.cause === undefined ? ofIt : `${ofIt} < ${causeOf(error.cause)}`;
}

function rowOfTaken(taken: WaitingEvent | Gap): UnchainedEvent {
  return 'lost' in taken
    ? rowOfLostEvents(taken.lost, taken.since)
    : rowOf(taken.event, taken.recordedAt);
}

async function pause(ms: number, cutShort: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: cutShort }).catch(() => undefined);
}
