import { formatScope, isIdentifier, parseScope } from '@sallyport/tokens';
import { IdentityHeadersRejected } from './identity-headers-rejected';
import { createPrincipal, isEpochSeconds, isPrincipalType, type Principal } from './principal';
import { IDENTITY_HEADERS, type IdentityHeader } from './reserved-headers';

/** The values a request carries under a lower-case header name; empty when it carries none. */
export type HeaderValues = (name: IdentityHeader) => readonly string[];

/**
 * Writes a principal as the headers {@link parseIdentityHeaders} reads; an absent member has no header.
 *
 * @throws TypeError when a member could not be read back unchanged, e.g. a scope with a space in it.
 */
export function encodeIdentityHeaders(principal: Principal): Record<string, string> {
  const headers: Record<string, string> = {};
  const put = (header: IdentityHeader, value: string | undefined, isReadable: boolean): void => {
    if (value === undefined) return;
    if (!isReadable) throw new TypeError(`the principal cannot be written as ${header}`);
    headers[header] = value;
  };
  const { id, type, scopes, clientId, sessionId, acr, authTime } = principal;
  const scope = scopes.size === 0 ? undefined : formatScope(scopes);
  put(IDENTITY_HEADERS.id, id, isIdentifier(id));
  put(IDENTITY_HEADERS.type, type, isPrincipalType(type));
  put(IDENTITY_HEADERS.scopes, scope, scope !== undefined && holds(parseScope(scope), scopes));
  put(IDENTITY_HEADERS.clientId, clientId, isIdentifier(clientId));
  put(IDENTITY_HEADERS.sessionId, sessionId, isIdentifier(sessionId));
  put(IDENTITY_HEADERS.acr, acr, isIdentifier(acr));
  put(IDENTITY_HEADERS.authTime, authTime?.toString(), isEpochSeconds(authTime));
  return headers;
}

/**
 * Parses the identity headers of a call. Whether they may be believed at all is for the caller to decide first: only
 * those that arrive over the gateway's own channel are.
 *
 * @throws IdentityHeadersRejected
 */
export function parseIdentityHeaders(valuesOf: HeaderValues): Principal {
  const id = read(valuesOf, IDENTITY_HEADERS.id, parseIdentifier);
  const type = read(valuesOf, IDENTITY_HEADERS.type, parsePrincipalType);
  if (id === undefined) throw missing(IDENTITY_HEADERS.id);
  if (type === undefined) throw missing(IDENTITY_HEADERS.type);
  return createPrincipal({
    id,
    type,
    scopes: read(valuesOf, IDENTITY_HEADERS.scopes, parseScope) ?? new Set(),
    clientId: read(valuesOf, IDENTITY_HEADERS.clientId, parseIdentifier),
    sessionId: read(valuesOf, IDENTITY_HEADERS.sessionId, parseIdentifier),
    acr: read(valuesOf, IDENTITY_HEADERS.acr, parseIdentifier),
    authTime: read(valuesOf, IDENTITY_HEADERS.authTime, parseEpochSeconds),
  });
}

/** @returns undefined when the header is absent */
function read<Value>(
  valuesOf: HeaderValues,
  header: IdentityHeader,
  parse: (text: string) => Value | undefined,
): Value | undefined {
  const [text, ...further] = valuesOf(header);
  if (text === undefined) return undefined;
  // Some HTTP stacks join repeated headers with a comma; no header here takes one.
  if (further.length > 0 || text.includes(',')) {
    throw new IdentityHeadersRejected('identity_header_duplicated', header);
  }
  const value = parse(text);
  if (value === undefined) throw new IdentityHeadersRejected('identity_header_malformed', header);
  return value;
}

function missing(header: IdentityHeader): IdentityHeadersRejected {
  return new IdentityHeadersRejected('identity_header_missing', header);
}

function parseIdentifier(text: string): string | undefined {
  return isIdentifier(text) ? text : undefined;
}

function parsePrincipalType(text: string): Principal['type'] | undefined {
  return isPrincipalType(text) ? text : undefined;
}

function parseEpochSeconds(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const seconds = Number(text);
  return isEpochSeconds(seconds) ? seconds : undefined;
}

function holds(left: ReadonlySet<string> | undefined, right: ReadonlySet<string>): boolean {
  return left?.size === right.size && [...left].every((scope) => right.has(scope));
}
