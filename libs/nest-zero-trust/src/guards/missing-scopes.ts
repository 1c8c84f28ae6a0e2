import type { Principal } from '@sallyport/principal';
import type { IdentityDeclaration } from '../declarations/access-declaration';

/** The scopes a handler requires and a principal lacks; all of them when there is no principal. */
export function missingScopes(
  identity: IdentityDeclaration,
  principal: Principal | undefined,
): readonly string[] {
  if (!('scopes' in identity)) return [];
  return identity.scopes.filter((scope) => !principal?.scopes.has(scope));
}
