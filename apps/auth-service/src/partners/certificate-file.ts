import { X509Certificate } from 'node:crypto';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { certificateThumbprint } from '@sallyport/tokens';

/** A client certificate as an operator hands it in. */
export interface HandedCertificate {
  /** `x5t#S256` */
  readonly thumbprint: string;
  readonly expiresAt: Date;
}

/** id-kp-clientAuth, RFC 5280 section 4.2.1.12. */
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

/**
 * Parses a PEM file that holds one certificate and nothing else. Who has signed it is not checked: that is done in each
 * handshake.
 *
 * @throws ServiceError INVALID_ARGUMENT `certificate_file_invalid`
 */
export function parseCertificateFile(pem: string): X509Certificate {
  if (pem.includes('PRIVATE KEY-----')) {
    throw invalid('it holds a private key, which only the partner may have');
  }
  const begins = pem.split('-----BEGIN ').length - 1;
  if (begins !== 1) throw invalid(`one certificate in PEM is needed, it holds ${begins}`);
  try {
    return new X509Certificate(pem);
  } catch {
    throw invalid('no certificate in PEM');
  }
}

/**
 * What a partner may be registered by: a certificate of an end entity, for clients, that is not over. One whose time is
 * still to come is taken: it is for the next renewal.
 *
 * @throws ServiceError INVALID_ARGUMENT `certificate_file_invalid`
 */
export function parseClientCertificate(pem: string, now: Date): HandedCertificate {
  const certificate = parseCertificateFile(pem);
  const expiresAt = new Date(certificate.validTo);
  if (certificate.ca) throw invalid('it is that of an authority');
  if (expiresAt <= now) throw invalid(`it expired at ${expiresAt.toISOString()}`);
  // Node's types leave out that it is undefined without the extension.
  const purposes = certificate.keyUsage as string[] | undefined;
  if (purposes && !purposes.includes(CLIENT_AUTHENTICATION)) throw invalid('it is not for clients');
  return { thumbprint: certificateThumbprint(certificate.raw), expiresAt };
}

function invalid(detail: string): ServiceError {
  return new ServiceError('INVALID_ARGUMENT', 'certificate_file_invalid', detail);
}
