import { holdsCredential } from './credential-traits';
import type { HygieneRefusal, RequestHead } from './hygiene-check';

/** Headers that other systems take a credential from. Here `Authorization` and `X-API-Key` do, and nothing else. */
const FOREIGN_HEADERS: ReadonlySet<string> = new Set([
  'proxy-authorization',
  'api-key',
  'access-token',
  'id-token',
  'x-access-token',
  'x-auth-token',
  'x-id-token',
  'x-jwt',
]);

/**
 * Cookie names that can only mean a credential of an API, letters and digits only. Names other applications on the same
 * host use for themselves (`token`, `session`) are not among them: a browser sends those along unasked.
 */
const CREDENTIAL_COOKIES: ReadonlySet<string> = new Set([
  'accesstoken',
  'apikey',
  'authorization',
  'bearer',
  'bearertoken',
  'idtoken',
  'txntoken',
  'xaccesstoken',
  'xapikey',
  'xauthtoken',
]);

/**
 * Refuses a credential where this API takes none (R7): in a header of another system, or in a cookie, by its name or
 * because the value reads as a token or an API key. The refresh cookie is opaque and reads as neither. `Referer` is not
 * looked at: it tells of a page, presents nothing, and is neither logged nor passed on.
 */
export function checkCredentialPlacement({ rawHeaders }: RequestHead): HygieneRefusal | undefined {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (FOREIGN_HEADERS.has(name.replace(/[_.]/g, '-'))) return 'credential_misplaced';
    if (name === 'cookie' && holdsCredentialCookie(rawHeaders[index + 1] ?? '')) {
      return 'credential_misplaced';
    }
  }
  return undefined;
}

function holdsCredentialCookie(header: string): boolean {
  return (
    holdsCredential(header) ||
    header.split(';').some((pair) => {
      const name = pair.split('=', 1)[0] ?? '';
      return CREDENTIAL_COOKIES.has(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
    })
  );
}
