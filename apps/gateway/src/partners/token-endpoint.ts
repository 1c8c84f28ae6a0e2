import type { FastifyRequest } from 'fastify';
import { CredentialRefused } from '../authentication/authenticator';

/** Where a partner gets tokens that are bound to its certificate (RFC 6749 section 3.2). */
export const TOKEN_ENDPOINT = '/oauth2/token';

/**
 * The refusal of a certificate: `invalid_client` at the token endpoint, with the member OAuth clients look for (RFC 6749
 * section 5.2), and `certificate_refused` elsewhere. Which reason it is, nobody outside is told.
 */
export function refusedCertificate(request: FastifyRequest, reason: string): CredentialRefused {
  if (request.routeOptions.url !== TOKEN_ENDPOINT) {
    return new CredentialRefused(reason, 401, 'certificate_refused');
  }
  const extensions = { error: 'invalid_client' };
  return new CredentialRefused(reason, 401, 'invalid_client', { extensions });
}
