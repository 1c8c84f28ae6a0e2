import { createHash, randomBytes } from 'node:crypto';

declare const opaque: unique symbol;

/** 256 random bits in base64url, for the fragment of a link in a mail. Whoever holds it may do what the link is for, once. */
export type LinkToken = string & { readonly [opaque]: true };

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export function newLinkToken(): LinkToken {
  return randomBytes(TOKEN_BYTES).toString('base64url') as LinkToken;
}

/** Undefined for what cannot be a token. White space around it comes from copying. */
export function parseLinkToken(presented: string): LinkToken | undefined {
  const token = presented.trim();
  return TOKEN.test(token) ? (token as LinkToken) : undefined;
}

/** What is stored and looked up instead of the token: of 256 random bits there is nothing to guess. */
export function linkTokenDigest(token: LinkToken): Buffer {
  return createHash('sha256').update(token).digest();
}
