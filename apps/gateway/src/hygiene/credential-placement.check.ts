import { holdsCredential, holdsWholeCredential } from './credential-traits';
import type { HygieneRefusal, RequestHead } from './hygiene-check';
import { lettersOf } from './letters-of';

/**
 * Headers that other systems take a credential from, by their letters. Here `Authorization` and `X-API-Key` do, and
 * nothing else.
 */
const FOREIGN_HEADERS: ReadonlySet<string> = new Set([
  'accesstoken',
  'apikey',
  'authtoken',
  'idtoken',
  'proxyauthorization',
  'refreshtoken',
  'xaccesstoken',
  'xapitoken',
  'xauthorization',
  'xauthtoken',
  'xbearertoken',
  'xidtoken',
  'xjwt',
  'xrefreshtoken',
]);

/** Headers whose value may be, or quote, a credential, by their letters; other spellings of them are refused as such. */
const MAY_HOLD_ONE: ReadonlySet<string> = new Set(['authorization', 'xapikey', 'dpop', 'referer']);

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
 * Refuses a credential where this API takes none (R7): in a header of another system or in a cookie by its name, in any
 * other header because the value reads as a token or an API key. The refresh cookie is opaque and reads as neither.
 * `Referer` is not looked at: it tells of a page, presents nothing, and is neither logged nor passed on.
 */
export function checkCredentialPlacement({ rawHeaders }: RequestHead): HygieneRefusal | undefined {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const letters = headerLetters(rawHeaders[index] ?? '');
    const value = rawHeaders[index + 1] ?? '';
    if (FOREIGN_HEADERS.has(letters)) return 'credential_misplaced';
    if (!MAY_HOLD_ONE.has(letters) && couldHoldCredential(value) && holdsWholeCredential(value)) {
      return 'credential_misplaced';
    }
    if (letters === 'cookie' && holdsCredentialCookie(value)) return 'credential_misplaced';
  }
  return undefined;
}

/** Whether other systems take a credential from a header or trailer of that name, however it is spelled. */
export function isForeignHeader(name: string): boolean {
  return FOREIGN_HEADERS.has(headerLetters(name));
}

/** Without what gRPC puts behind the name of a binary header. */
function headerLetters(name: string): string {
  return lettersOf(name).replace(/(?:bin)+$/, '');
}

/** Most values are short, or have neither two dots, nor the beginning of a key, nor an encoding that could hide them. */
function couldHoldCredential(value: string): boolean {
  return value.length >= 10 && /\..*\.|sp_|%/.test(value);
}

function holdsCredentialCookie(header: string): boolean {
  return (
    holdsCredential(header) ||
    header.split(';').some((pair) => {
      const name = (pair.split('=', 1)[0] ?? '').trim();
      return CREDENTIAL_COOKIES.has(lettersOf(name.replace(/^__(?:host|secure)-/i, '')));
    })
  );
}
