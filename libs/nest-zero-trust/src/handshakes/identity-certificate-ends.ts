import type { CertificateEnds } from '@sallyport/observability';
import { identityEnds, type SvidSource } from '@sallyport/workload-identity';

/** Until when the identity a process has at the moment is good, for its metrics. */
export function identityCertificateEnds(source: Pick<SvidSource, 'current'>): CertificateEnds {
  return {
    svid: () => identityEnds(source.current()).svid,
    trust_bundle: () => identityEnds(source.current()).trustBundle,
  };
}
