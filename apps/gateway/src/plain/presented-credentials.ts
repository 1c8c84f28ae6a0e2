import type { IncomingMessage } from 'node:http';
import { presentedRefreshToken } from '../auth/refresh-cookie';
import { API_KEYS, decodePercent, JWS } from '../hygiene/credential-traits';

/** What somebody on the way could have read in a request. None of it has been verified. */
export interface PresentedCredentials {
  readonly tokens: readonly string[];
  readonly apiKeys: readonly string[];
}

const BEARER = /^\s*(?:bearer|dpop)\s+([^\s,]+)/i;

/** A member of a form or of JSON. The values of the other names are found by what they look like. */
const BODY_TOKEN = /\b(?:refresh_?token|access_?token|token)"?\s*[=:]\s*"?([\w.~+/-]{16,2048})/gi;

/** More of them in one request is no mistake of a client. */
const MOST_OF_A_KIND = 4;

const LONGEST = 4096;

/**
 * Finds the credentials of a request that came in clear: bearer tokens, the refresh cookie, API keys, and whatever in the
 * URL, the headers or the begun body reads as one.
 */
export function presentedCredentials(
  { url = '', rawHeaders, headers }: Pick<IncomingMessage, 'url' | 'rawHeaders' | 'headers'>,
  body: string,
): PresentedCredentials {
  const tokens: (string | undefined)[] = [presentedRefreshToken(headers.cookie)];
  const apiKeys: string[] = [];
  const texts = [url, body];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase().replace(/[_.]/g, '-');
    const value = rawHeaders[index + 1] ?? '';
    texts.push(value);
    if (name === 'authorization') tokens.push(BEARER.exec(value)?.[1]);
    if (name === 'x-api-key') apiKeys.push(value.trim());
  }
  const text = texts.map(decodePercent).join('\n');
  tokens.push(...(text.match(JWS) ?? []));
  tokens.push(...Array.from(decodePercent(body).matchAll(BODY_TOKEN), ([, token]) => token));
  apiKeys.push(...(text.match(API_KEYS) ?? []));
  return { tokens: distinct(tokens), apiKeys: distinct(apiKeys) };
}

function distinct(values: readonly (string | undefined)[]): readonly string[] {
  const usable = values.filter((value) => value !== undefined && value !== '');
  return [...new Set(usable as string[])]
    .filter(({ length }) => length <= LONGEST)
    .slice(0, MOST_OF_A_KIND);
}
