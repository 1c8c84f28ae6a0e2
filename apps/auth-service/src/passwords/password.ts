import { ServiceError } from '@sallyport/nest-zero-trust';

declare const composed: unique symbol;

/** A password in NFC and of bounded length: what is hashed. */
export type Password = string & { readonly [composed]: true };

/** SP 800-63B-4 section 3.1.1.2: 15 where the password is the only factor. In code points of the NFC form. */
const FEWEST_CHARACTERS = 15;
/** Far above the 64 characters that must be accepted; keeps the work of hashing bounded. */
const MOST_BYTES = 1024;

/**
 * Parses a password that somebody chooses. No composition rules (SP 800-63B-4 section 3.1.1.2).
 *
 * @throws ServiceError INVALID_ARGUMENT `password_too_short`, `password_too_long`.
 */
export function parseNewPassword(chosen: string): Password {
  const password = parsePresentedPassword(chosen);
  if (Array.from(password).length < FEWEST_CHARACTERS) {
    throw new ServiceError('INVALID_ARGUMENT', 'password_too_short');
  }
  return password;
}

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
