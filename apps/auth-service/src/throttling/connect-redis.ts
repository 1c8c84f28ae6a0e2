import type { ConnectionOptions } from 'node:tls';
import type { Logger } from '@sallyport/observability';
import { Redis } from 'ioredis';

const LONGEST_RETRY_PAUSE_MS = 2_000;

/** A connection on which nothing was answered for so long is taken for lost, though nobody has said so. */
const SILENCE_MS = 2_000;

export interface ConnectRedisOptions {
  /** What the server's certificate is verified with, unless by the system's authorities. */
  readonly tls?: ConnectionOptions | undefined;
  /** How long an answer is waited for; a second unless given. */
  readonly commandTimeoutMs?: number;
}

/**
 * Connects to the shared state, and again whenever the connection is lost, or has been silent for two seconds while an
 * answer was due. A command fails at once while there is none, and when its answer takes too long: who waits for it must
 * refuse.
 */
export function connectRedis(
  url: string,
  logger: Logger,
  { tls, commandTimeoutMs = 1_000 }: ConnectRedisOptions = {},
): Redis {
  const redis = new Redis(url, {
    ...(tls && { tls }),
    connectionName: 'auth-service',
    connectTimeout: 2_000,
    commandTimeout: commandTimeoutMs,
    socketTimeout: SILENCE_MS,
    enableOfflineQueue: false,
    // A command of unknown outcome is not sent again: an attempt would count twice.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(100 * attempt, LONGEST_RETRY_PAUSE_MS),
  });
  redis.on('error', (error: unknown) => {
    logger.warn({ event: 'redis_connection_failed', error });
  });
  return redis;
}
