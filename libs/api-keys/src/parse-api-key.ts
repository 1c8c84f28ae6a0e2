import { API_KEY_LENGTH, API_KEY_PATTERN, checksumOf } from './api-key-form';
import { hashSecret } from './secret-hash';

/** What somebody presents as an API key, of good form; whether there is such a key is not known yet. */
export interface PresentedApiKey {
  /** Key id. */
  readonly id: string;
  /** SHA-256 of the secret. */
  readonly secretHash: Buffer;
}

/**
 * The key id of a presented key, and the hash of its secret. Undefined when the prefix, the length, the alphabet or the
 * checksum is wrong: found out without a look-up and at a cost that does not grow with the text.
 */
export function parseApiKey(presented: string): PresentedApiKey | undefined {
  if (presented.length !== API_KEY_LENGTH) return undefined;
  const [, id, secret, checksum] = API_KEY_PATTERN.exec(presented) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  if (checksum !== checksumOf(`sp_${id}_${secret}`)) return undefined;
  return { id, secretHash: hashSecret(secret) };
}
