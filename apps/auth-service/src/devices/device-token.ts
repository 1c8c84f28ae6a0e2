import { createHash, randomBytes } from 'node:crypto';

declare const opaque: unique symbol;

/** What a trusted device of one account is known by: 256 random bits in base64url. It opens nothing. */
export type DeviceToken = string & { readonly [opaque]: true };

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Stands in no token, and needs no quoting in a cookie (RFC 6265 section 4.1.1). */
const SEPARATOR = '&';

/** Several people may use one browser. */
const MOST_PRESENTED = 5;

export function newDeviceToken(): DeviceToken {
  return randomBytes(TOKEN_BYTES).toString('base64url') as DeviceToken;
}

/** The tokens in what a browser presents, at most {@link MOST_PRESENTED}; whatever else is in it is ignored. */
export function parseDeviceTokens(presented: string | undefined): readonly DeviceToken[] {
  const tokens = (presented ?? '').split(SEPARATOR).filter((each) => TOKEN.test(each));
  return [...new Set(tokens)].slice(0, MOST_PRESENTED) as DeviceToken[];
}

/** What a browser is to present from now on. */
export function writeDeviceTokens(tokens: readonly DeviceToken[]): string {
  return tokens.slice(0, MOST_PRESENTED).join(SEPARATOR);
}

/** What is stored and looked up instead of the token: there is nothing to guess. */
export function deviceTokenDigest(token: DeviceToken): Buffer {
  return createHash('sha256').update(token).digest();
}
