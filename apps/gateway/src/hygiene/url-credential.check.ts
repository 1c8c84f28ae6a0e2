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

/** Decoding rounds, so that an encoded encoding is seen for what it is. */
const MAX_DECODINGS = 3;

/**
 * Refuses a credential anywhere in the URL (RFC 9700 section 4.3.2, RFC 6750 section 2.3): URLs end up in histories, logs and
 * `Referer` headers. A credential is a parameter with a telling name, in any spelling, or anything that reads as a JWS.
 */
export function checkUrlCredentials({ url = '' }: RequestHead): HygieneRefusal | undefined {
  const decoded = decode(url);
  if (containsJws(decoded)) return 'credential_in_url';

  const queryStart = url.search(/[?#]/);
  if (queryStart === -1) return undefined;
  // Split before and after decoding: a parser may do either.
  const query = url.slice(queryStart + 1);
  const names = [...namesOf(query), ...namesOf(decode(query))];
  return names.some(isCredentialName) ? 'credential_in_url' : undefined;
}

function namesOf(query: string): string[] {
  return query.split(/[&;?#]/).map((pair) => decode(pair.split('=', 1)[0] ?? ''));
}

/** `user[api_key]` and `auth.token` name what their parts name. */
function isCredentialName(name: string): boolean {
  const folded = name.normalize('NFKC').toLowerCase();
  return [folded, ...folded.split(/[[\].]/)].some((part) =>
    CREDENTIAL_PARAMETERS.has(part.replace(/[^a-z0-9]/g, '')),
  );
}

/** Three dot-separated base64url parts in a row, the first of which decodes to the start of a JSON object. */
function containsJws(text: string): boolean {
  return text.split(/[^\w.-]+/).some((word) => {
    const parts = word.split('.');
    return parts.slice(0, -2).some(startsJsonObject);
  });
}

function startsJsonObject(part: string): boolean {
  return /^\s*\{/.test(Buffer.from(part.slice(0, 16), 'base64url').toString('latin1'));
}

function decode(text: string): string {
  let current = text;
  for (let round = 0; round < MAX_DECODINGS && current.includes('%'); round += 1) {
    current = current.replace(/(?:%[0-9A-Fa-f]{2})+/g, decodeOctets);
  }
  return current;
}

function decodeOctets(octets: string): string {
  return Buffer.from(octets.replaceAll('%', ''), 'hex').toString('utf8');
}
