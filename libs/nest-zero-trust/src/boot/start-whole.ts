import { setTimeout as delay } from 'node:timers/promises';
import type { RunningService } from './run-service';

/** How long a start that has failed may take to close what it had opened, in milliseconds. */
const UNDO_WITHIN_MS = 10_000;

interface Closable {
  close(): unknown;
}

/** What a service holds, to be closed in the reverse of the order in which it was opened. */
export class Opened {
  readonly #parts: Closable[] = [];

  /** Keeps what has just been opened, and hands it on. */
  keep<Part extends Closable>(part: Part): Part {
    this.#parts.push(part);
    return part;
  }

  /**
   * Closes all that is kept, each after the one before it has been closed, and each once.
   *
   * @throws the first failure, after everything has been tried
   */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const part of this.#parts.splice(0).reverse()) {
      try {
        await part.close();
      } catch (cause) {
        failures.push(cause);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/**
 * Starts a service whole or not at all: when a step fails, what the steps before it opened is closed again, so that
 * nothing is left which listens or keeps the process from ending. Closing the service closes the same.
 *
 * @param open does the steps; whatever it opens, it gives to `opened` before the next step
 * @param undoWithinMs how long the failure waits at most for all that to be closed
 * @throws what the failing step threw, whether or not the rest could be closed
 */
export async function startWhole<Facts extends object>(
  open: (opened: Opened) => Promise<Facts>,
  undoWithinMs = UNDO_WITHIN_MS,
): Promise<Facts & RunningService> {
  const opened = new Opened();
  try {
    return { ...(await open(opened)), close: () => opened.close() };
  } catch (error) {
    // That closing failed as well would only hide why.
    const undone = opened.close().catch(() => undefined);
    await Promise.race([undone, delay(undoWithinMs, undefined, { ref: false })]);
    throw error;
  }
}
