import type { FastifyRequest } from 'fastify';

/**
 * Whether a token request names an OAuth client, which has to say who it is: by `client_id` (RFC 8705 section 2) or by
 * `Authorization: Basic`, the one scheme the token endpoint takes. A partner is named by its certificate.
 */
export function namesOauthClient({ headers, body }: FastifyRequest): boolean {
  if (headers.authorization !== undefined) return true;
  return body instanceof URLSearchParams && (body.get('client_id') ?? '') !== '';
}
