import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_INTERVAL_MS = 100;
const REQUEST_TIMEOUT_MS = 2_000;

/** What `/health/ready` says: ready, or in words what is missing. */
type Readiness = { readonly ready: true } | { readonly ready: false; readonly missing: string };

/**
 * Waits until a service's operations port answers that it is ready.
 *
 * @returns what was still missing when the signal aborted the wait; undefined once ready
 */
export async function untilReady(opsUrl: string, signal: AbortSignal): Promise<string | undefined> {
  for (;;) {
    const readiness = await askReadiness(`${opsUrl}/health/ready`);
    if (readiness.ready) return undefined;
    if (signal.aborted) return readiness.missing;
    await delay(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

function askReadiness(url: string): Promise<Readiness> {
  return new Promise((resolve) => {
    const fail = (): void => {
      resolve({ ready: false, missing: 'it does not answer yet' });
    };
    const request = get(url, { agent: false, timeout: REQUEST_TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', fail);
      response.once('end', () => {
        resolve(
          response.statusCode === 200
            ? { ready: true }
            : { ready: false, missing: missingChecks(Buffer.concat(chunks).toString('utf8')) },
        );
      });
    });
    request.once('timeout', () => request.destroy());
    request.once('error', fail);
  });
}

/** Names the checks that are down in `{"checks": {"database": "down"}}`. */
function missingChecks(body: string): string {
  const down = [...body.matchAll(/"([\w-]+)"\s*:\s*"down"/g)].map((match) => match[1]);
  return down.length === 0 ? 'it reports not ready' : `not up: ${down.join(', ')}`;
}
