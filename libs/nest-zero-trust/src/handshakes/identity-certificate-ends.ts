import type { CertificateEnds } from '@sallyport/observability';
import { identityEnds, type SvidSource } from '@sallyport/workload-identity';

/** Until when the identity a process has at the moment is good, for its metrics; undefined while it has none. */
export function identityCertificateEnds(source: Pick<SvidSource, 'current'>): CertificateEnds {
  const ends = (): Partial<ReturnType<typeof identityEnds>> => {
    try {
      return identityEnds(source.current());
    } catch {
      return {};
    }
  };
  return { svid: () => ends().svid, trust_bundle: () => ends().trustBundle };
}
