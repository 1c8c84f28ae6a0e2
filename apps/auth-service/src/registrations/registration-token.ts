import { createHash, randomBytes } from 'node:crypto';

declare const opaque: unique symbol;

/** 256 random bits in base64url. Whoever holds it may open the account of an address, once. */
export type RegistrationToken = string & { readonly [opaque]: true };

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export function newRegistrationToken(): RegistrationToken {
  return randomBytes(TOKEN_BYTES).toString('base64url') as RegistrationToken;
}

/** Undefined for what cannot be a token. White space around it comes from copying. */
export function parseRegistrationToken(presented: string): RegistrationToken | undefined {
  const token = presented.trim();
  return TOKEN.test(token) ? (token as RegistrationToken) : undefined;
}

/** What is stored and looked up instead of the token: of 256 random bits there is nothing to guess. */
export function registrationTokenDigest(token: RegistrationToken): Buffer {
  return createHash('sha256').update(token).digest();
}
