import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Starts, and starts again as long as it fails because the database does not answer: whoever ended the process and
 * started another would wait longer each time, and the service would come back long after its database.
 *
 * @param start leaves nothing behind when it fails
 * @param onWaiting told of the first such failure
 * @throws any other failure
 */
export async function startPatiently<Service>(
  start: () => Promise<Service>,
  onWaiting: (failure: unknown) => void,
): Promise<Service> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await start();
    } catch (failure) {
      if (!isDatabaseAway(failure)) throw failure;
      if (failures === 0) onWaiting(failure);
    }
    await delay(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
  }
}

function isDatabaseAway(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && failure.code === 'database_unavailable';
}
