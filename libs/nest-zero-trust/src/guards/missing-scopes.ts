import type { IdentityDeclaration } from '../declarations/access-declaration';

/** The scopes a handler requires and whoever a call is for lacks; all of them when there is nobody. */
export function missingScopes(
  identity: IdentityDeclaration,
  holder: { readonly scopes: ReadonlySet<string> } | undefined,
): readonly string[] {
  if (!('scopes' in identity)) return [];
  return identity.scopes.filter((scope) => !holder?.scopes.has(scope));
}
