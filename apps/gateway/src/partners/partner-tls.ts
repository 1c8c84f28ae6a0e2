import { constants } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import type { PublicCertificate } from '../listener/public-certificate';
import { publicTlsOptions } from '../listener/public-tls';
import type { PartnerAuthorities } from './partner-authorities';

/**
 * The TLS settings of the partner listener, also for `setSecureContext`: those of the public one, and a client certificate
 * that leads to a partner authority is demanded. No session is resumed, in TLS 1.2 or 1.3, because a resumed one shows no
 * certificate again: there are no tickets, and nothing answers for a session id.
 */
export function partnerTlsOptions(
  certificate: PublicCertificate,
  authorities: PartnerAuthorities,
): TlsOptions {
  const options = publicTlsOptions(certificate);
  return {
    ...options,
    ca: authorities.pem,
    requestCert: true,
    rejectUnauthorized: true,
    secureOptions: (options.secureOptions ?? 0) | constants.SSL_OP_NO_TICKET,
  };
}
