/** The headers in which the gateway tells the first hop who the principal is. */
export const IDENTITY_HEADERS = {
  id: 'x-user-id',
  scopes: 'x-user-scopes',
  type: 'x-principal-type',
  clientId: 'x-client-id',
  sessionId: 'x-session-id',
  acr: 'x-auth-acr',
  authTime: 'x-auth-time',
} as const;

export type IdentityHeader = (typeof IDENTITY_HEADERS)[keyof typeof IDENTITY_HEADERS];

/** Carries the transaction token past the first hop (draft-ietf-oauth-transaction-tokens). */
export const TRANSACTION_TOKEN_HEADER = 'txn-token';

/**
 * Where proxies write the certificate of a client whose TLS they end: RFC 9440 and Envoy. Nobody ends TLS before this
 * system, so that one of them is always somebody's invention.
 */
const CERTIFICATE_HEADERS: ReadonlySet<string> = new Set([
  'client-cert',
  'client-cert-chain',
  'x-forwarded-client-cert',
]);

/** The names nginx, Apache, HAProxy and others are commonly configured with begin like this. */
const CERTIFICATE_PREFIXES = /^(?:x-client-cert|x-ssl-|ssl-client-)/;

const LONGEST_NAME = 128;
const FOLDED_IDENTITY_HEADERS: ReadonlySet<string> = new Set(Object.values(IDENTITY_HEADERS));

/**
 * Whether some server, proxy or framework could read `name` as an identity header: letter case does not matter, `_` and
 * `.` read as `-` (CGI, nginx, PHP), and `-bin` is how gRPC spells the binary form.
 */
export function isIdentityHeader(name: string): boolean {
  return couldBeReserved(name) && FOLDED_IDENTITY_HEADERS.has(fold(name));
}

/**
 * Whether `name` is, in any spelling, a header that no client may send: an identity header, `txn-token`, or one that
 * speaks of a client certificate.
 */
export function isReservedHeader(name: string): boolean {
  if (!couldBeReserved(name)) return false;
  const folded = fold(name);
  return (
    folded === TRANSACTION_TOKEN_HEADER ||
    FOLDED_IDENTITY_HEADERS.has(folded) ||
    CERTIFICATE_HEADERS.has(folded) ||
    CERTIFICATE_PREFIXES.test(folded)
  );
}

/** Most header names start with other letters, and none this long folds to a reserved one: folding all would be felt. */
function couldBeReserved(name: string): boolean {
  return name.length <= LONGEST_NAME && /^[^a-z0-9]*(?:[xt]|client|ssl)/i.test(name);
}

function fold(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .replace(/(?:-bin|-)+$/, '');
}
