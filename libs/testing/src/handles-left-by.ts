import { setTimeout as delay } from 'node:timers/promises';

/** A socket that has been closed is gone a few turns later. */
const GONE_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 10;

/** What keeps a process from ending. */
const KIND = /^(?:TCP|TLS|Pipe|FSEvent|StatWatcher|Timeout)/;

/**
 * Does something and tells what is open afterwards that was not before: sockets, listeners, watched files and timers of
 * this process, by their kinds.
 */
export async function handlesLeftBy(
  step: () => Promise<unknown>,
  goneWithinMs = GONE_WITHIN_MS,
): Promise<readonly string[]> {
  const before = openHandles();
  await step();
  const deadline = performance.now() + goneWithinMs;
  for (;;) {
    const rest = [...before];
    const left = openHandles().filter((kind) => {
      const index = rest.indexOf(kind);
      if (index >= 0) rest.splice(index, 1);
      return index < 0;
    });
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(LOOK_EVERY_MS);
  }
}

function openHandles(): readonly string[] {
  return process.getActiveResourcesInfo().filter((kind) => KIND.test(kind));
}
