import { createHash, randomBytes } from 'node:crypto';

declare const opaque: unique symbol;

/** 256 random bits in base64url. Whoever holds it holds the session. */
export type RefreshToken = string & { readonly [opaque]: true };

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export function newRefreshToken(): RefreshToken {
  return randomBytes(TOKEN_BYTES).toString('base64url') as RefreshToken;
}

/** Undefined for what cannot be a token. */
export function parseRefreshToken(presented: string): RefreshToken | undefined {
  return TOKEN.test(presented) ? (presented as RefreshToken) : undefined;
}

/**
 * What is stored and looked up instead of the token. One pass of SHA-256 without salt is enough for
 * 256 random bits: there is nothing to guess.
 */
export function refreshTokenDigest(token: RefreshToken): Buffer {
  return createHash('sha256').update(token).digest();
}
