import { createPrincipal, type Principal } from '@sallyport/principal';
import type { AccessTokenClaims } from '@sallyport/tokens';

const principals = new WeakMap<AccessTokenClaims, Principal>();

/**
 * The principal that verified claims name. A partner is named as such; another subject that is its own client acts for
 * itself (RFC 9068 section 2.2), any other is a user. The same claims give the same object, so that what is derived from a principal can be kept beside it.
 */
export function principalOfClaims(claims: AccessTokenClaims): Principal {
  const known = principals.get(claims);
  if (known !== undefined) return known;
  const principal = createPrincipal({
    id: claims.sub,
    type: claims.principal_type ?? (claims.sub === claims.client_id ? 'client' : 'user'),
    scopes: claims.scopes,
    clientId: claims.client_id,
    sessionId: claims.sid,
    acr: claims.acr,
    authTime: claims.auth_time,
  });
  principals.set(claims, principal);
  return principal;
}
