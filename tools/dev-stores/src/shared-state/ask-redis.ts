import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { errorText } from '../error-text';
import { StoreUnavailable } from '../store-unavailable.error';

const PATIENCE_MS = 5_000;

/** A command and its arguments. */
export type RedisCommand = readonly [name: string, ...string[]];

/**
 * Connects once, authenticates with what the URL holds, and runs one command.
 *
 * @throws StoreUnavailable when no Redis answers, or it refuses this client or the command.
 */
export async function askRedis(
  url: string,
  [name, ...parameters]: RedisCommand,
  patienceMs = PATIENCE_MS,
): Promise<unknown> {
  const options = {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  };
  const { protocol, host, pathname } = new URL(url);
  const isSocket = protocol === 'unix:';
  const redis = isSocket ? new Redis({ ...options, path: pathname }) : new Redis(url, options);
  const settled = new AbortController();
  let problem: unknown;
  redis.on('error', (error) => (problem = error));
  try {
    return await Promise.race([
      redis.connect().then(() => redis.call(name, ...parameters)),
      delay(patienceMs, undefined, { signal: settled.signal }).then(() => {
        throw new Error(`no answer within ${patienceMs} ms`);
      }),
    ]);
  } catch (error) {
    const place = isSocket ? pathname : host;
    throw new StoreUnavailable(`no Redis answers at ${place} (${errorText(problem ?? error)})`, {
      cause: error,
    });
  } finally {
    settled.abort();
    // Disconnecting what is disconnected would keep the process alive for two seconds.
    if (redis.status !== 'end') redis.disconnect();
  }
}
