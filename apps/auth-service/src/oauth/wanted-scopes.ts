/** What an interaction still has to be allowed, by kind. */
export interface Wanted {
  readonly openid: readonly string[];
  /** By resource indicator. */
  readonly resources: readonly (readonly [string, readonly string[]])[];
}

/** Reads the details of a consent prompt, see oidc-provider's policy. Single claims are not asked for, see `checkClaims`. */
export function wantedOf(details: Readonly<Record<string, unknown>>): Wanted {
  const { missingOIDCScope, missingResourceScopes = {} } = details;
  return {
    openid: texts(missingOIDCScope),
    resources: Object.entries(missingResourceScopes as object).map(
      ([resource, scopes]) => [resource, texts(scopes)] as const,
    ),
  };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
