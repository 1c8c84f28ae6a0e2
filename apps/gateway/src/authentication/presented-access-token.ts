import type { IncomingHttpHeaders } from 'node:http';

/** `credentials = "Bearer" 1*SP b64token` (RFC 6750 section 2.1); the scheme in any letter case (RFC 9110 section 11.1). */
const CREDENTIALS = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** The scheme alone, and whatever a more lenient reader could take for what follows it. */
const SCHEME = /^bearer(?![!#$%&'*+.^`|~\w-])\s*(?=\S)/i;

/**
 * What `Authorization` presents as access token, or null. What is not written exactly as such comes with what stands
 * between scheme and token, which no verifier takes: it is to be refused as malformed, not overlooked.
 */
export function presentedAccessToken({
  headers: { authorization = '' },
}: {
  readonly headers: IncomingHttpHeaders;
}): string | null {
  const [, token] = CREDENTIALS.exec(authorization) ?? [];
  if (token !== undefined) return token;
  return SCHEME.test(authorization) ? authorization.slice('bearer'.length) : null;
}
