/** What a service does again and again beside its requests. */
export interface RepeatedJob {
  /** In snake_case; a pass that rejects leaves a line in the log, whose event is this and `_failed`. */
  readonly name: string;

  /** How long to wait before the next pass; asked each time. */
  pauseMs(): number;

  /**
   * Does what is due. What is left when it rejects, or ends because it is to stop, is taken the next time.
   *
   * @param stopping aborted when no other batch should be begun; without one, a pass goes on until nothing is due.
   */
  run(stopping?: AbortSignal): Promise<void>;
}

/** Does batch after batch for as long as there is more, and it need not stop. */
export async function eachBatch(
  stopping: AbortSignal | undefined,
  doBatch: () => Promise<boolean>,
): Promise<void> {
  while (!stopping?.aborted && (await doBatch()));
}

/** Keeps each statement, and the locks it takes, short. */
const ROWS_AT_ONCE = 500;

/**
 * Removes rows, a batch after the other, until one was not full.
 *
 * @param remove removes as many rows as it is told at most; resolves with how many.
 */
export function removeInBatches(
  stopping: AbortSignal | undefined,
  remove: (limit: number) => Promise<number>,
): Promise<void> {
  return eachBatch(stopping, async () => (await remove(ROWS_AT_ONCE)) === ROWS_AT_ONCE);
}
