import {
  REVOCABLE_KINDS,
  type RevocationFollower,
  type RevocationReplica,
} from '@sallyport/revocation';
import { Gauge, Histogram, type Registry } from 'prom-client';

export interface RevocationMetricsSource {
  readonly follower: Pick<RevocationFollower, 'ageMs' | 'isCurrent'>;
  readonly replica: Pick<RevocationReplica, 'sizes'>;
  /** The stated bound. */
  readonly boundMs: number;
}

/** Shows how far behind the revocation feed this gateway is, and how much it holds; read when the metrics are. */
export function registerRevocationMetrics(
  registry: Registry,
  { follower, replica, boundMs }: RevocationMetricsSource,
): void {
  new Gauge({
    name: 'sallyport_revocation_feed_age_seconds',
    help: 'How long ago the revocations at hand were known to be complete; +Inf before they ever were.',
    registers: [registry],
    collect() {
      this.set(follower.ageMs / 1000);
    },
  });
  new Gauge({
    name: 'sallyport_revocation_feed_current',
    help: '1 while every revocation older than the bound is at hand; else no credential is accepted.',
    registers: [registry],
    collect() {
      this.set(Number(follower.isCurrent));
    },
  });
  new Gauge({
    name: 'sallyport_revocation_bound_seconds',
    help: 'Within how long a revocation is in force on every gateway.',
    registers: [registry],
  }).set(boundMs / 1000);
  new Gauge({
    name: 'sallyport_revocations',
    help: 'Revocations in force, by kind.',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      const { sizes } = replica;
      for (const kind of REVOCABLE_KINDS) this.set({ kind }, sizes[kind]);
    },
  });
}

/** Counts revocations as they arrive, by how long they were under way; the result is told of each. */
export function registerRevocationLag(registry: Registry): (lagMs: number | undefined) => void {
  const lag = new Histogram({
    name: 'sallyport_revocation_lag_seconds',
    help: 'How long after a revocation was written to the feed it was in force here.',
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
    registers: [registry],
  });
  return (lagMs) => {
    if (lagMs !== undefined) lag.observe(lagMs / 1000);
  };
}
