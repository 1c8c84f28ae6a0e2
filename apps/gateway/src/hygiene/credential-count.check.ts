import { countRefreshCookies } from '../auth/refresh-cookie';
import type { HygieneRefusal, RequestHead } from './hygiene-check';
import { lettersOf } from './letters-of';

/** Header names that present a credential, by their letters. */
const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxyauthorization',
  'xauthorization',
  'xapikey',
  'apikey',
  'xaccesstoken',
  'xauthtoken',
]);

/** Where the refresh cookie is the credential; elsewhere below its path a browser only happens to send it. */
const COOKIE_ENDPOINTS: ReadonlySet<string | undefined> = new Set([
  '/auth/refresh',
  '/auth/logout',
]);

/** Where the body presents the credential, so that any other is a second one. */
const BODY_CREDENTIAL_ENDPOINTS: ReadonlySet<string | undefined> = new Set(['/oauth2/revoke']);

/** A comma, then what starts another challenge response: a scheme, a space and something that is not `name=`. */
const SECOND_SCHEME = /,\s*[!#$%&'*+.^`|~\w-]+\s+[^\s=,]/;

/**
 * Refuses a request that presents more than one credential (RFC 6750 section 2: one method per request), because two
 * readers could each pick another one. Node keeps only the first of repeated `Authorization` headers, so the raw list counts.
 */
export function checkCredentialCount({
  rawHeaders,
  headers,
  url,
}: RequestHead): HygieneRefusal | undefined {
  const path = url?.split('?', 1)[0];
  let presented = BODY_CREDENTIAL_ENDPOINTS.has(path) ? 1 : 0;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (CREDENTIAL_HEADERS.has(lettersOf(rawHeaders[index] ?? ''))) {
      presented += 1;
      if (presented > 1 || holdsSeveral(rawHeaders[index + 1] ?? '')) return 'multiple_credentials';
    }
  }
  // Elsewhere two cookies are no reason to refuse: a sibling host may have planted one, and signing in replaces the other.
  if (COOKIE_ENDPOINTS.has(path)) presented += countRefreshCookies(headers.cookie);
  return presented > 1 ? 'multiple_credentials' : undefined;
}

/** `Bearer` and `DPoP` take exactly one token, so anything after it counts; other schemes may take a list of parameters. */
function holdsSeveral(value: string): boolean {
  return /^\s*(?:bearer|dpop)\s+[^\s,]+[\s,]+\S/i.test(value) || SECOND_SCHEME.test(value);
}
