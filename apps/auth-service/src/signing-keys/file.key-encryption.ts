import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SealBroken } from './key-encryption';
import type { KeyEncryption, SealedSecret } from './key-encryption';

const ALGORITHM = 'A256GCM';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM (SP 800-38D) under a key from a file, with the context as additional authenticated
 * data. The ciphertext is nonce ‖ encrypted ‖ tag. Nonces are random: one key may seal 2³² secrets.
 */
export class FileKeyEncryption implements KeyEncryption {
  readonly #key: Buffer;
  readonly #keyId: string;

  /** @param key 32 random bytes. */
  constructor(key: Buffer) {
    if (key.length !== KEY_BYTES) throw new TypeError(`a key has ${KEY_BYTES} bytes`);
    this.#key = key;
    this.#keyId = createHash('sha256').update(key).digest('hex').slice(0, 16);
  }

  /** Undefined unless the file holds 32 bytes in base64. */
  static fromFile(path: string): FileKeyEncryption | undefined {
    const text = readFileSync(path, 'utf8').trim();
    const key = Buffer.from(text, 'base64');
    const faithful = key.length === KEY_BYTES && key.toString('base64') === text;
    return faithful ? new FileKeyEncryption(key) : undefined;
  }

  seal(secret: Buffer, context: string): Promise<SealedSecret> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(context));
    const encrypted = Buffer.concat([cipher.update(secret), cipher.final()]);
    return Promise.resolve({
      keyId: this.#keyId,
      algorithm: ALGORITHM,
      ciphertext: Buffer.concat([nonce, encrypted, cipher.getAuthTag()]),
    });
  }

  open({ algorithm, keyId, ciphertext }: SealedSecret, context: string): Promise<Buffer> {
    if (algorithm !== ALGORITHM) return broken(`sealed with ${algorithm}, not ${ALGORITHM}`);
    if (keyId !== this.#keyId) {
      return broken(`sealed under key-encryption key ${keyId}, this process has ${this.#keyId}`);
    }
    const nonce = ciphertext.subarray(0, NONCE_BYTES);
    const encrypted = ciphertext.subarray(NONCE_BYTES, -TAG_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
      return Promise.resolve(Buffer.concat([decipher.update(encrypted), decipher.final()]));
    } catch (cause) {
      return broken(`${context} or its seal was altered`, cause);
    }
  }
}

function broken(problem: string, cause?: unknown): Promise<never> {
  return Promise.reject(new SealBroken(problem, { cause }));
}
