import type { ReadinessCheck } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import type { Svid, SvidSource } from '@sallyport/workload-identity';

/** What auth-service cannot answer without. */
export function readinessChecks(
  database: { check(): Promise<void> },
  redis: { ping(): Promise<unknown> },
  source: Pick<SvidSource, 'current'>,
  clock: Clock,
): readonly ReadinessCheck[] {
  return [
    { name: 'database', check: () => database.check() },
    {
      name: 'redis',
      check: async () => {
        await redis.ping();
      },
    },
    { name: 'identity', check: () => assertCurrent(source.current().svid, clock()) },
  ];
}

/** No peer would accept an expired certificate. */
function assertCurrent({ notAfter }: Svid, now: Date): Promise<void> {
  if (now < notAfter) return Promise.resolve();
  return Promise.reject(new Error(`the SVID expired at ${notAfter.toISOString()}`));
}
