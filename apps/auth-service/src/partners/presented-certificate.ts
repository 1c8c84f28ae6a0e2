import { ServiceError } from '@sallyport/nest-zero-trust';
import { isCertificateThumbprint } from '@sallyport/tokens';
import { parseCertificateName } from './certificate-name';
import type { CertificateName } from './certificate-name';

/** What a certificate says of its holder; its chain was verified by whoever presents it. */
export interface PresentedCertificate {
  /** `x5t#S256` */
  readonly thumbprint: string;
  /** Those of its names that a partner may be known by. */
  readonly names: readonly CertificateName[];
}

/** More than any certificate for one organisation needs; each is looked up. */
const MOST_NAMES = 100;

/** @throws ServiceError INVALID_ARGUMENT `certificate_invalid` */
export function parsePresentedCertificate(
  presented:
    | { readonly thumbprint: string; readonly subjectAlternativeNames: readonly string[] }
    | undefined,
): PresentedCertificate {
  const { thumbprint = '', subjectAlternativeNames = [] } = presented ?? {};
  if (!isCertificateThumbprint(thumbprint) || subjectAlternativeNames.length > MOST_NAMES) {
    throw new ServiceError('INVALID_ARGUMENT', 'certificate_invalid');
  }
  const names = subjectAlternativeNames.map(parseCertificateName);
  return { thumbprint, names: names.filter((name) => name !== undefined) };
}
