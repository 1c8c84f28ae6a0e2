import { crc32 } from 'node:zlib';
import { base62 } from './base62';

/**
 * An API key as a client presents it: `sp_`, the key id of 16 base 62 digits, `_`, the secret of 43 of them, and 6 of a
 * checksum. A text of this form is a key only when the checksum is right, which `parseApiKey` looks at.
 */
export const API_KEY_PATTERN = /^sp_([0-9A-Za-z]{16})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/**
 * Every API key inside of a text, for secret scanners and redaction. Without word boundaries, because what stands before
 * a key in a log may be the end of an escape (`%3D`, `\n`).
 */
export const API_KEY_IN_TEXT = /sp_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}/g;

/** The form of a key id. */
export const API_KEY_ID_PATTERN = /^[0-9A-Za-z]{16}$/;

/** Characters of a whole key. */
export const API_KEY_LENGTH = 69;

export const ID_LENGTH = 16;
export const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;

/** The whole key of an id and a secret. */
export function presentedKey(id: string, secret: string): string {
  const body = `sp_${id}_${secret}`;
  return body + checksumOf(body);
}

/** CRC-32 in base 62: it finds typing errors and look-alikes, and protects nothing. */
export function checksumOf(body: string): string {
  return base62(BigInt(crc32(body)), CHECKSUM_LENGTH);
}
