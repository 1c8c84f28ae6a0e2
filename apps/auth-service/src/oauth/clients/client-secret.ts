import { randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** 256 random bits in base64url: nobody guesses it, so a plain hash is enough at rest. */
export function newClientSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}
