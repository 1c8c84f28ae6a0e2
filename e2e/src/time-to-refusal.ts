import { setTimeout as delay } from 'node:timers/promises';
import type { PublicResponse } from './public-response';

const POLL_MS = 5;

/** The stated bound (R9), as a gateway has it unless told otherwise, in milliseconds. */
export const STATED_BOUND_MS = 2_000;

/** How it came to a refusal. */
export interface Refusal {
  readonly response: PublicResponse;
  /** When the last request that was accepted had been sent; 0 when none was. Milliseconds. */
  readonly acceptedUntilMs: number;
}

/**
 * Sends a request again and again until it is no longer accepted.
 *
 * @param since when what should make it refused was done, by `performance.now()`
 * @throws Error when a request is accepted that was sent later than so many milliseconds after that
 */
export async function refusalWithin(
  boundMs: number,
  send: () => Promise<PublicResponse>,
  since: number,
): Promise<Refusal> {
  let acceptedUntilMs = 0;
  for (;;) {
    const sentAfterMs = performance.now() - since;
    const response = await send();
    if (response.status >= 400) return { response, acceptedUntilMs };
    acceptedUntilMs = sentAfterMs;
    if (sentAfterMs > boundMs) {
      throw new Error(`still accepted in a request sent after ${Math.round(sentAfterMs)} ms`);
    }
    await delay(POLL_MS);
  }
}
