import type { IncomingMessage } from 'node:http';
import { presentedRefreshToken } from '../auth/refresh-cookie';
import { API_KEYS, decodePercent, JWS } from '../hygiene/credential-traits';

/** What somebody on the way could have read in a request. None of it has been verified. */
export interface PresentedCredentials {
  readonly tokens: readonly string[];
  readonly apiKeys: readonly string[];
  /** Whether a password came along; there is nothing to revoke. */
  readonly hasPassword: boolean;
}

/** Whether anything was given away. */
export function presentsAny({ tokens, apiKeys, hasPassword }: PresentedCredentials): boolean {
  return hasPassword || tokens.length + apiKeys.length > 0;
}

const BEARER = /^\s*(?:bearer|dpop)\s+([^\s,]+)/i;

/** A member of a form or of JSON. The values of the other names are found by what they look like. */
const BODY_TOKEN = /\b(?:refresh_?token|access_?token|token)"?\s*[=:]\s*"?([\w.~+/-]{16,2048})/gi;

/** A member of a form or of JSON, or an `Authorization` that holds one. */
const PASSWORD = /(?:pass(?:word|wd)|client_?secret)"?\s*[=:]\s*"?[^\s"&]|^\s*basic\s+[\w+/]/im;

/** The two headers that name their credential, on a line of bytes that are no HTTP request; perhaps folded. */
const HEADER_LINES =
  /^[ \t]*authorization[ \t]*:\s*((?:\w+\s+)?\S+)|^[ \t]*x[-_.]api[-_.]key[ \t]*:\s*(\S+)/gim;

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
  const hasPassword = texts.some((part) => PASSWORD.test(decodePercent(part)));
  return { tokens: distinct(tokens), apiKeys: distinct(apiKeys), hasPassword };
}

/** The same for bytes that Node's parser takes for no request, or for half of one: they were on the way all the same. */
export function credentialsInBytes(bytes: string): PresentedCredentials {
  const rawHeaders = Array.from(bytes.matchAll(HEADER_LINES)).flatMap(([, authorization, key]) =>
    authorization === undefined ? ['X-API-Key', key ?? ''] : ['Authorization', authorization],
  );
  const cookie = /^[ \t]*cookie[ \t]*:\s*([^\r\n]+)/im.exec(bytes)?.[1];
  return presentedCredentials({ url: '', rawHeaders, headers: { cookie } }, bytes);
}

function distinct(values: readonly (string | undefined)[]): readonly string[] {
  const usable = values.filter((value) => value !== undefined && value !== '');
  return [...new Set(usable as string[])]
    .filter(({ length }) => length <= LONGEST)
    .slice(0, MOST_OF_A_KIND);
}
