import type { ConnectionOptions } from 'node:tls';
import type { Logger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { RevocationPublisher } from '@sallyport/revocation';
import type { Clock } from '@sallyport/tokens';
import type { AuthTables } from '../auth.tables';
import { RevocationsRepository } from './revocations.repository';

/** A failing feed fails several times a second: one line in so many milliseconds says enough. */
const LINE_EVERY_MS = 10_000;

/** The publisher of what this database records. */
export function publisherOver(
  database: Database<AuthTables>,
  redis: { readonly url: string; readonly tls: ConnectionOptions | undefined },
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): RevocationPublisher {
  let quietUntil = 0;
  return new RevocationPublisher({
    redisUrl: redis.url,
    redisTls: redis.tls,
    name: 'auth-service',
    outbox: new RevocationsRepository(database, clock),
    onFailed: (error) => {
      const now = performance.now();
      if (now < quietUntil) return;
      quietUntil = now + LINE_EVERY_MS;
      logger.error({ event: 'revocation_feed_failed', error });
    },
    onRestored: (missing) => {
      quietUntil = 0;
      logger.info({ event: 'revocation_feed_restored', missing });
    },
  });
}
