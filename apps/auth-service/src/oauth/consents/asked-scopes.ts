import type { Provider } from 'oidc-provider';
import { isApiScope } from '../api-scopes';

type Grant = InstanceType<Provider['Grant']>;

/** What a request asks somebody for. */
export interface AskedScopes {
  /** What can be allowed, each once: OpenID Connect's scopes, and those of the API that the account holds. */
  readonly scopes: readonly string[];
  /** Scopes of the API that the account does not hold: there is nothing to allow. */
  readonly notHeld: readonly string[];
}

/** @param held of the API, what the account holds of it */
export function askedScopes(asked: Iterable<string>, held: ReadonlySet<string>): AskedScopes {
  const all = [...new Set(asked)];
  const isHeld = (scope: string): boolean => !isApiScope(scope) || held.has(scope);
  return { scopes: all.filter(isHeld), notHeld: all.filter((scope) => !isHeld(scope)) };
}

/** Whether a grant holds all of it already. */
export function covers(grant: Grant, { scopes }: AskedScopes, audience: string): boolean {
  const openid = new Set(grant.getOIDCScope().split(' '));
  const resource = new Set(grant.getResourceScope(audience).split(' '));
  return scopes.every((scope) => (isApiScope(scope) ? resource : openid).has(scope));
}

/**
 * Puts what was allowed into a grant. oidc-provider has a scope of the API twice, as one of its own and as one of the
 * resource; what is not held is put down as refused, so that it is not asked for.
 */
export function allowIn(grant: Grant, { scopes, notHeld }: AskedScopes, audience: string): void {
  const ofApi = scopes.filter(isApiScope);
  if (scopes.length > 0) grant.addOIDCScope(scopes.join(' '));
  if (notHeld.length > 0) grant.rejectOIDCScope(notHeld.join(' '));
  if (ofApi.length > 0) grant.addResourceScope(audience, ofApi.join(' '));
}
