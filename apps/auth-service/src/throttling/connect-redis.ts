import type { ConnectionOptions } from 'node:tls';
import type { Logger } from '@sallyport/observability';
import { Redis } from 'ioredis';

const LONGEST_RETRY_PAUSE_MS = 2_000;

/**
 * Connects to the shared state, and again whenever the connection is lost. A command fails at once
 * while there is none, and after a second without an answer: who waits for it must refuse.
 *
 * @param tls what the server's certificate is verified with, unless by the system's authorities
 */
export function connectRedis(url: string, logger: Logger, tls?: ConnectionOptions): Redis {
  const redis = new Redis(url, {
    ...(tls && { tls }),
    connectionName: 'auth-service',
    connectTimeout: 2_000,
    commandTimeout: 1_000,
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
