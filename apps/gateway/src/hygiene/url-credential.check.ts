import { REFRESH_COOKIE } from '../auth/refresh-cookie';
import { decodePercent, holdsCredential } from './credential-traits';
import type { HygieneRefusal, RequestHead } from './hygiene-check';
import { lettersOf } from './letters-of';

/** Names of query parameters that carry credentials, by their letters. */
const CREDENTIAL_PARAMETERS: ReadonlySet<string> = new Set([
  'assertion',
  'auth',
  'authorization',
  'bearer',
  'clientassertion',
  'jwt',
  'key',
  'pass',
  'pwd',
  'refresh',
  'session',
  'sessionid',
  lettersOf(REFRESH_COOKIE),
  lettersOf(REFRESH_COOKIE.replace(/^__Secure-/, '')),
]);

/** What the others end with, those of this system among them: `mfaToken`, `newPassword`, `client_secret`, `x-api-key`. */
const CREDENTIAL_ENDING = /(?:apikey|credentials?|passwd|password|secret|token)$/;

/**
 * Refuses a credential anywhere in the URL (RFC 9700 section 4.3.2, RFC 6750 section 2.3): URLs end up in histories, logs and
 * `Referer` headers. A credential is a parameter with a telling name, in any spelling, or anything
 * that reads as a JWS or an API key.
 */
export function checkUrlCredentials({ url = '' }: RequestHead): HygieneRefusal | undefined {
  if (holdsCredential(url)) return 'credential_in_url';

  const queryStart = url.search(/[?#]/);
  if (queryStart === -1) return undefined;
  // Split before and after decoding: a parser may do either.
  const query = url.slice(queryStart + 1);
  const names = [...namesOf(query), ...namesOf(decodePercent(query))];
  return names.some(isCredentialName) ? 'credential_in_url' : undefined;
}

function namesOf(query: string): string[] {
  return query.split(/[&;?#]/).map((pair) => decodePercent(pair.split('=', 1)[0] ?? ''));
}

/** `user[api_key]` and `auth.token` name what their parts name. */
function isCredentialName(name: string): boolean {
  const folded = name.normalize('NFKC').toLowerCase();
  return [folded, ...folded.split(/[[\].]/)].map(lettersOf).some((part) => {
    return CREDENTIAL_PARAMETERS.has(part) || CREDENTIAL_ENDING.test(part);
  });
}
