import { randomBytes, randomInt } from 'node:crypto';
import { API_KEY_ID_PATTERN, ID_LENGTH, presentedKey, SECRET_LENGTH } from './api-key-form';
import { BASE, base62, base62Digit } from './base62';
import { hashSecret } from './secret-hash';

/** Bytes of a secret: 256 bits, which 43 base 62 digits just hold. */
const SECRET_BYTES = 32;

/** A key that was just made. */
export interface MintedApiKey {
  /** Key id, the public part. */
  readonly id: string;
  /** The whole key with its secret: for its owner's eyes, once. */
  readonly presentedKey: string;
  /** SHA-256 of the secret, which alone is kept. */
  readonly secretHash: Buffer;
}

/** A new key with an id of its own: 95 random bits, so that ids neither collide nor tell how many keys there are. */
export function mintApiKey(): MintedApiKey {
  const digits = Array.from({ length: ID_LENGTH }, () => base62Digit(randomInt(BASE)));
  return mintSecret(digits.join(''));
}

/**
 * A new secret for a key that exists.
 *
 * @throws TypeError when the id has not the form of one
 */
export function mintSecret(id: string): MintedApiKey {
  if (!API_KEY_ID_PATTERN.test(id)) throw new TypeError('this is no API key id');
  const random = BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`);
  const secret = base62(random, SECRET_LENGTH);
  return { id, presentedKey: presentedKey(id, secret), secretHash: hashSecret(secret) };
}
