import type { FastifyRequest } from 'fastify';
import { CredentialRefused } from '../authentication/authenticator';

/** Where tokens come from that are bound to the certificate of the connection (RFC 6749 section 3.2). */
export const TOKEN_ENDPOINT = '/oauth2/token';

/** Where clients authenticate, and look for what went wrong as RFC 6749 section 5.2 has it. */
const CLIENT_ENDPOINTS: ReadonlySet<string | undefined> = new Set([
  TOKEN_ENDPOINT,
  '/oauth2/par',
  '/oauth2/introspect',
]);

/** Whether a request is for a token. */
export function isTokenRequest({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url === TOKEN_ENDPOINT;
}

/**
 * The refusal of a certificate: `invalid_client` where clients authenticate, with the member OAuth clients look for (RFC
 * 6749 section 5.2), and `certificate_refused` elsewhere. Which reason it is, nobody outside is told.
 */
export function refusedCertificate(request: FastifyRequest, reason: string): CredentialRefused {
  if (!CLIENT_ENDPOINTS.has(request.routeOptions.url)) {
    return new CredentialRefused(reason, 401, 'certificate_refused');
  }
  const extensions = { error: 'invalid_client' };
  return new CredentialRefused(reason, 401, 'invalid_client', { extensions });
}
