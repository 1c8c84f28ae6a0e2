import type { ReadinessCheck } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import type { Svid, SvidSource } from '@sallyport/workload-identity';
import type { RevocationFeed } from '../revocations/revocation-feed';

export interface ReadinessOptions {
  readonly database: { check(): Promise<void> };
  readonly redis: { ping(): Promise<unknown> };
  readonly source: Pick<SvidSource, 'current'>;
  readonly clock: Clock;
  readonly feed: Pick<RevocationFeed, 'isPublishing'>;
}

/** What auth-service cannot answer without. */
export function readinessChecks(options: ReadinessOptions): readonly ReadinessCheck[] {
  const { database, redis, source, clock, feed } = options;
  return [
    { name: 'database', check: () => database.check() },
    {
      name: 'redis',
      check: async () => {
        await redis.ping();
      },
    },
    { name: 'identity', check: () => assertCurrent(source.current().svid, clock()) },
    {
      name: 'revocation-feed',
      check: () =>
        feed.isPublishing
          ? Promise.resolve()
          : Promise.reject(new Error('revocations are not being published')),
    },
  ];
}

/** No peer would accept an expired certificate. */
function assertCurrent({ notAfter }: Svid, now: Date): Promise<void> {
  if (now < notAfter) return Promise.resolve();
  return Promise.reject(new Error(`the SVID expired at ${notAfter.toISOString()}`));
}
