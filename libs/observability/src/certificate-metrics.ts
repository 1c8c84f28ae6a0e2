import { Gauge, type Registry } from 'prom-client';

/** What a process uses certificates, and lists of revoked ones, for. */
export const CERTIFICATE_USES = [
  'svid',
  'trust_bundle',
  'public',
  'partner_ca',
  'partner_crl',
] as const;

export type CertificateUse = (typeof CERTIFICATE_USES)[number];

/** Until when what a process uses is good, asked whenever the metrics are read; undefined where there is none. */
export type CertificateEnds = Readonly<Partial<Record<CertificateUse, () => Date | undefined>>>;

/** Shows until when each certificate a process uses is good: what is replaced while it runs shows its new end. */
export function registerCertificateMetrics(registry: Registry, ends: CertificateEnds): void {
  new Gauge({
    name: 'sallyport_certificate_expiry_timestamp_seconds',
    help: 'When the certificates in use end, by use; of several the one that matters first. Seconds since the epoch.',
    labelNames: ['use'],
    registers: [registry],
    collect() {
      this.reset();
      for (const use of CERTIFICATE_USES) {
        const end = ends[use]?.();
        if (end !== undefined) this.set({ use }, end.getTime() / 1000);
      }
    },
  });
}
