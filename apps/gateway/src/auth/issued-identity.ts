import type { Identity } from '../rate-limits/identity';

/**
 * Who a token was issued to, by the word of auth-service, from which it came this moment: nothing is verified. Undefined
 * when it is no JWS with a subject.
 */
export function issuedIdentity(accessToken: string): Identity | undefined {
  try {
    const payload = Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString();
    const { sub } = JSON.parse(payload) as { readonly sub?: unknown };
    return typeof sub === 'string' ? { kind: 'user', id: sub } : undefined;
  } catch {
    return undefined;
  }
}
