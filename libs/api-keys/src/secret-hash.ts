import { createHash } from 'node:crypto';

/** Hexadecimal digits of a hash that tell the secrets of one key apart. */
const FINGERPRINT_LENGTH = 16;

/**
 * What is kept of a secret of 256 random bits, of an API key or of whoever else is given one: SHA-256. No slow hash, because
 * nobody guesses so many.
 */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/**
 * The id under which one secret of a key is revoked while the key goes on with another one: kind `api_key`, as for the
 * whole key, whose revocation carries the key id alone.
 */
export function secretRevocationId(key: {
  readonly id: string;
  readonly secretHash: Uint8Array;
}): string {
  const fingerprint = Buffer.from(key.secretHash).toString('hex').slice(0, FINGERPRINT_LENGTH);
  return `${key.id}.${fingerprint}`;
}

/**
 * The id of a notice beside the revocations of kind `api_key`: it ends nothing, but who remembers what secrets of the key
 * stand for has to ask again, because until when one of them works has changed.
 */
export function rotationNoticeId(keyId: string): string {
  return `${keyId}.rotated`;
}

/** The id of the key that a revocation of kind `api_key` is about, be it the whole key, one secret or a notice. */
export function keyIdOfRevocation(revocationId: string): string {
  return revocationId.split('.', 1)[0] ?? revocationId;
}
