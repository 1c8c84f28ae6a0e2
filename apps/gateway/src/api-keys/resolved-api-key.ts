import { createPrincipal, type Principal } from '@sallyport/principal';

/** The API key a request is made with. */
export interface ResolvedApiKey {
  /** Key id; not the key. */
  readonly id: string;
  /** Its own limit; undefined when the usual one applies. */
  readonly requestsPerMinute: number | undefined;
}

const apiKeys = new WeakMap<Principal, ResolvedApiKey>();

/** By which API key a principal is known; undefined when it is known by another credential. */
export function apiKeyOf(principal: Principal): ResolvedApiKey | undefined {
  return apiKeys.get(principal);
}

/**
 * The account an API key acts for, as far as its scopes go. It owns what its user owns; it has no session, and has not
 * authenticated at a time, so that nothing that asks for either is done with a key.
 */
export function principalOfApiKey(
  accountId: string,
  scopes: readonly string[],
  { id, requestsPerMinute }: ResolvedApiKey,
): Principal {
  const principal = createPrincipal({
    id: accountId,
    type: 'user',
    scopes: new Set(scopes),
    clientId: `api-key:${id}`,
    sessionId: undefined,
    acr: undefined,
    authTime: undefined,
  });
  apiKeys.set(principal, { id, requestsPerMinute });
  return principal;
}
