import { createHash, randomBytes } from 'node:crypto';

declare const opaque: unique symbol;

/** Names a challenge. Of clients of the API 256 random bits in base64url: whoever holds it has given the right password. */
export type MfaToken = string & { readonly [opaque]: true };

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export function newMfaToken(): MfaToken {
  return randomBytes(TOKEN_BYTES).toString('base64url') as MfaToken;
}

/** Undefined for what cannot be a token; also for the names below, so that neither works in the place of the other. */
export function parseMfaToken(presented: string): MfaToken | undefined {
  return TOKEN.test(presented) ? (presented as MfaToken) : undefined;
}

/**
 * The challenge of a page of the authorization server: of an interaction, by its uid, or of the account page. Which of them
 * is a browser's own its cookie says.
 */
export function namedChallenge(page: 'interaction' | 'account', name: string): MfaToken {
  return `${page}:${name}` as MfaToken;
}

/** What is stored and looked up instead of the token: there is nothing to guess. */
export function mfaTokenDigest(token: MfaToken): Buffer {
  return createHash('sha256').update(token).digest();
}
