import type { IncomingHttpHeaders } from 'node:http';

interface Request {
  readonly headers: IncomingHttpHeaders;
}

/** How one of the schemes is written (RFC 9110 section 11.4): in any letter case, then `1*SP b64token`. */
interface Scheme {
  readonly name: string;
  readonly credentials: RegExp;
  /** The scheme alone, and whatever a more lenient reader could take for what follows it. */
  readonly anything: RegExp;
}

/** RFC 6750 section 2.1. */
const BEARER = schemeOf('bearer');

/** RFC 9449 section 7.1. */
const DPOP = schemeOf('dpop');

/**
 * What `Authorization: Bearer` presents as access token, or null. What is not written exactly as such comes with what
 * stands between scheme and token, which no verifier takes: it is to be refused as malformed, not overlooked.
 */
export function presentedAccessToken(request: Request): string | null {
  return tokenUnder(BEARER, request);
}

/** The same for `Authorization` of either scheme, `Bearer` and `DPoP`. */
export function presentedToken(request: Request): string | null {
  return tokenUnder(BEARER, request) ?? tokenUnder(DPOP, request);
}

/** Whether what is presented is presented under `DPoP`. */
export function hasDpopScheme(request: Request): boolean {
  return tokenUnder(DPOP, request) !== null;
}

function tokenUnder(scheme: Scheme, { headers: { authorization = '' } }: Request): string | null {
  const [, token] = scheme.credentials.exec(authorization) ?? [];
  if (token !== undefined) return token;
  return scheme.anything.test(authorization) ? authorization.slice(scheme.name.length) : null;
}

function schemeOf(name: string): Scheme {
  return {
    name,
    credentials: new RegExp(`^${name} +([A-Za-z0-9._~+/-]+=*)$`, 'i'),
    anything: new RegExp(`^${name}(?![!#$%&'*+.^\`|~\\w-])\\s*(?=\\S)`, 'i'),
  };
}
