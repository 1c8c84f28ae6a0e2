import type { ConnectionOptions } from 'node:tls';
import { Redis } from 'ioredis';

const LONGEST_RETRY_PAUSE_MS = 1_000;

/** A connection on which nothing was answered for so long is taken for lost, though nobody has said so. */
const SILENCE_MS = 2_000;

/** Where the shared state is. */
export interface RedisServer {
  /** Holds a password. */
  readonly url: string;
  /** What its certificate is verified with, unless by the system's authorities. */
  readonly tls?: ConnectionOptions | undefined;
}

/**
 * Connects to the shared counters, and again whenever the connection is lost, or has been silent for two seconds while
 * an answer was due. A command fails at once while there is none, and after so many milliseconds without an answer.
 *
 * @param connectionName how Redis lists the connection
 */
export function connectRedis(
  { url, tls }: RedisServer,
  commandTimeoutMs: number,
  connectionName = 'gateway-limits',
): Redis {
  const redis = new Redis(url, {
    ...(tls && { tls }),
    connectionName,
    connectTimeout: 2_000,
    commandTimeout: commandTimeoutMs,
    socketTimeout: SILENCE_MS,
    enableOfflineQueue: false,
    // A command of unknown outcome is not sent again: a request would count twice.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(100 * attempt, LONGEST_RETRY_PAUSE_MS),
  });
  // Told by whoever counts, when it begins to count by itself.
  redis.on('error', () => undefined);
  return redis;
}
