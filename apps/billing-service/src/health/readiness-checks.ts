import type { ReadinessCheck } from '@sallyport/observability';
import type { Svid, SvidSource } from '@sallyport/workload-identity';

/** What billing-service cannot answer without. */
export function readinessChecks(
  database: { check(): Promise<void> },
  source: Pick<SvidSource, 'current'>,
  now: () => Date,
): readonly ReadinessCheck[] {
  return [
    { name: 'database', check: () => database.check() },
    { name: 'identity', check: () => assertCurrent(source.current().svid, now()) },
  ];
}

/** No peer would accept an expired certificate. */
function assertCurrent({ notAfter }: Svid, now: Date): Promise<void> {
  if (now < notAfter) return Promise.resolve();
  return Promise.reject(new Error(`the SVID expired at ${notAfter.toISOString()}`));
}
