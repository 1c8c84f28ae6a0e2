import { X509Certificate } from 'node:crypto';
import { identityCertificateEnds } from '@sallyport/nest-zero-trust';
import { registerCertificateMetrics, type Registry } from '@sallyport/observability';
import { endOfChain, parseCertificatesPem, type SvidSource } from '@sallyport/workload-identity';
import type { OpenPartners } from '../partners/open-partners';
import type { PublicCertificate } from './public-certificate';

export interface CertificatesInUse {
  readonly source: Pick<SvidSource, 'current'>;
  readonly certificate: PublicCertificate;
  /** Undefined where there is no listener for partners. */
  readonly partners: Pick<OpenPartners, 'authorities' | 'revocations'> | undefined;
}

/** Shows until when each certificate of the gateway is good; to be told when the public one is replaced. */
export function showCertificateEnds(
  registry: Registry,
  { source, certificate, partners }: CertificatesInUse,
): { replaceCertificate(replacement: PublicCertificate): void } {
  let publicEnd = endOfPem(certificate);
  registerCertificateMetrics(registry, {
    ...identityCertificateEnds(source),
    public: () => publicEnd,
    partner_ca: () =>
      partners && endOfChain(Array.from(partners.authorities, (each) => each.certificate)),
    partner_crl: () => partners?.revocations?.goodUntil,
  });
  return {
    replaceCertificate(replacement) {
      publicEnd = endOfPem(replacement);
    },
  };
}

function endOfPem({ cert }: PublicCertificate): Date | undefined {
  return endOfChain((parseCertificatesPem(cert) ?? []).map((der) => new X509Certificate(der)));
}
