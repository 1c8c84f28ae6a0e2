import {
  REVOCABLE_KINDS,
  type RevocationFollower,
  type RevocationReplica,
} from '@sallyport/revocation';
import { Gauge, type Registry } from 'prom-client';

export interface RevocationMetricsSource {
  readonly follower: Pick<RevocationFollower, 'ageMs'>;
  readonly replica: Pick<RevocationReplica, 'sizes'>;
}

/** Shows how far behind the revocation feed this gateway is, and how much it holds; read when the metrics are. */
export function registerRevocationMetrics(
  registry: Registry,
  { follower, replica }: RevocationMetricsSource,
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
