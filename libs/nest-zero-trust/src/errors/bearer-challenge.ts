/** The parameters of a `WWW-Authenticate: Bearer` challenge (RFC 6750 §3). */
export interface BearerChallenge {
  readonly realm: string;
  /** Left out when no credential was presented (RFC 6750 §3.1). */
  readonly error?:
    'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'insufficient_user_authentication';
  readonly errorDescription?: string;
  /** Space-separated scopes that would suffice. */
  readonly scope?: string;
  /** Space-separated authentication context classes that would suffice (RFC 9470 §3). */
  readonly acrValues?: string;
  /** Seconds within which the user has to have authenticated (RFC 9470 §3). */
  readonly maxAge?: number;
}

/** Writes a challenge. @throws TypeError when a value has characters that a quoted string of it cannot hold */
export function bearerChallenge(parameters: BearerChallenge): string {
  const { realm, error, errorDescription, scope } = parameters;
  const described = { realm, error, error_description: errorDescription, scope };
  return challenge('Bearer', { ...described, ...authenticationParameters(parameters) });
}

/** What a challenge says of how the user is to authenticate (RFC 9470 §3). */
export function authenticationParameters({
  acrValues,
  maxAge,
}: Pick<BearerChallenge, 'acrValues' | 'maxAge'>): Readonly<Record<string, string | undefined>> {
  return { acr_values: acrValues, max_age: maxAge?.toString() };
}

/** A challenge of a scheme (RFC 9110 §11.6.1); what is undefined is left out. */
export function challenge(
  scheme: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const written = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${quotable(value)}"`],
  );
  return `${scheme} ${written.join(', ')}`;
}

/** RFC 6750 §3: printable ASCII without `"` and `\`. */
function quotable(value: string): string {
  if (!/^[\x20-\x21\x23-\x5B\x5D-\x7E]*$/.test(value)) {
    throw new TypeError('a challenge parameter is printable ASCII without quotes');
  }
  return value;
}
