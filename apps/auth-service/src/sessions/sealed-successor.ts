import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { parseRefreshToken } from './refresh-token';
import type { RefreshToken } from './refresh-token';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * A refresh token's successor, sealed so that nobody but the holder of the token can open it: AES-256-GCM under a key
 * that is derived from the token (HKDF-SHA-256, RFC 5869), of which the database has no more than a digest. So a grace
 * can hand out the *same* successor again, and at rest there is still nothing that could be used.
 *
 * nonce ‖ encrypted ‖ tag
 */
export function sealSuccessor(token: RefreshToken, successor: RefreshToken): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(token), nonce, { authTagLength: TAG_BYTES });
  const encrypted = Buffer.concat([cipher.update(successor, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, encrypted, cipher.getAuthTag()]);
}

/** @throws Error when it was not sealed for this token, or was altered. */
export function openSuccessor(token: RefreshToken, sealed: Buffer): RefreshToken {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(token), nonce, {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const encrypted = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
  const opened = Buffer.concat([decipher.update(encrypted), decipher.final()]).toString();
  const successor = parseRefreshToken(opened);
  if (successor === undefined) throw new TypeError('what was sealed is no refresh token');
  return successor;
}

function keyOf(token: RefreshToken): Buffer {
  return Buffer.from(hkdfSync('sha256', token, '', 'sallyport refresh successor', KEY_BYTES));
}
