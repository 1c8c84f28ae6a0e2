import { decodePercent, holdsCredential } from './credential-traits';
import type { HygieneRefusal, RequestHead } from './hygiene-check';

/** Folded names of query parameters that carry credentials: letters and digits only, lower case. */
const CREDENTIAL_PARAMETERS: ReadonlySet<string> = new Set([
  'accesstoken',
  'apikey',
  'apitoken',
  'assertion',
  'auth',
  'authorization',
  'authtoken',
  'bearer',
  'bearertoken',
  'clientassertion',
  'clientsecret',
  'credential',
  'credentials',
  'idtoken',
  'jwt',
  'key',
  'pass',
  'passwd',
  'password',
  'pwd',
  'refreshtoken',
  'secret',
  'session',
  'sessionid',
  'sessiontoken',
  'token',
  'txntoken',
  'xaccesstoken',
  'xapikey',
  'xauthtoken',
]);

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
  return [folded, ...folded.split(/[[\].]/)].some((part) =>
    CREDENTIAL_PARAMETERS.has(part.replace(/[^a-z0-9]/g, '')),
  );
}
