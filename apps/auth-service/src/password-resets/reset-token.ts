import { createHash, randomBytes } from 'node:crypto';

declare const opaque: unique symbol;

/** 256 random bits in base64url. Whoever holds it may choose the password of an account, once. */
export type ResetToken = string & { readonly [opaque]: true };

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export function newResetToken(): ResetToken {
  return randomBytes(TOKEN_BYTES).toString('base64url') as ResetToken;
}

/** Undefined for what cannot be a token. White space around it comes from copying. */
export function parseResetToken(presented: string): ResetToken | undefined {
  const token = presented.trim();
  return TOKEN.test(token) ? (token as ResetToken) : undefined;
}

/** What is stored and looked up instead of the token: of 256 random bits there is nothing to guess. */
export function resetTokenDigest(token: ResetToken): Buffer {
  return createHash('sha256').update(token).digest();
}
