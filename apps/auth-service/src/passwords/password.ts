import { ServiceError } from '@sallyport/nest-zero-trust';

declare const composed: unique symbol;

/** A password in NFC and of bounded length: what is hashed. */
export type Password = string & { readonly [composed]: true };

/**
 * Far above the 64 characters that must be accepted: 256 of any kind, since one takes four bytes at most. Keeps the work of
 * composing, comparing and hashing what a stranger sends bounded.
 */
const MOST_BYTES = 1024;

/**
 * Parses a password that somebody presents to be verified; it may be older than the policy.
 *
 * @throws ServiceError INVALID_ARGUMENT `password_too_long`.
 */
export function parsePresentedPassword(presented: string): Password {
  if (Buffer.byteLength(presented) > MOST_BYTES) {
    throw new ServiceError('INVALID_ARGUMENT', 'password_too_long');
  }
  return presented.normalize('NFC') as Password;
}
