import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { SealBroken } from './key-encryption';
import type { KeyEncryption, SealedSecret } from './key-encryption';
import { KeyRing } from './key-ring';

const ALGORITHM = 'A256GCM';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/**
 * AES-256-GCM (SP 800-38D) under a ring of keys, with the context as additional authenticated data. The first key
 * seals, every one opens. The ciphertext is nonce ‖ encrypted ‖ tag. Nonces are random: one key may seal 2³² secrets.
 */
export class FileKeyEncryption implements KeyEncryption {
  readonly #ring: () => Promise<KeyRing>;

  /** @param keys 32 random bytes each, the one that seals first; or what gives the ring at each use. */
  constructor(keys: Buffer | readonly Buffer[] | (() => Promise<KeyRing>)) {
    if (typeof keys === 'function') {
      this.#ring = keys;
    } else {
      const ring = new KeyRing(Buffer.isBuffer(keys) ? [keys] : keys);
      this.#ring = () => Promise.resolve(ring);
    }
  }

  /**
   * Keys from a file, one a line in base64, which is read again at each use: secrets are sealed and opened rarely, and
   * a file that was replaced takes effect without a restart. While it cannot be read, or is half written, uses reject
   * with SealBroken.
   *
   * To replace a key, put the new one behind the old one for every replica, then before it, then seal everything again,
   * and take the old one out last.
   *
   * @throws SealBroken when the file is not as it should be even now.
   */
  static fromFile(path: string): FileKeyEncryption {
    parseKeyRing(readNow(path));
    return new FileKeyEncryption(async () =>
      parseKeyRing(await readFile(path, 'utf8').catch(unreadable)),
    );
  }

  async currentKeyId(): Promise<string> {
    return (await this.#ring()).first.id;
  }

  async seal(secret: Buffer, context: string): Promise<SealedSecret> {
    const { id, key } = (await this.#ring()).first;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(context));
    const encrypted = Buffer.concat([cipher.update(secret), cipher.final()]);
    return {
      keyId: id,
      algorithm: ALGORITHM,
      ciphertext: Buffer.concat([nonce, encrypted, cipher.getAuthTag()]),
    };
  }

  /** HKDF-SHA-256 (RFC 5869), the purpose as its info; the keys are random, so that it needs no salt. */
  async derive(purpose: string): Promise<Buffer> {
    const { key } = (await this.#ring()).first;
    return Buffer.from(hkdfSync('sha256', key, '', `derived:${purpose}`, KEY_BYTES));
  }

  async open({ algorithm, keyId, ciphertext }: SealedSecret, context: string): Promise<Buffer> {
    if (algorithm !== ALGORITHM) throw new SealBroken(`sealed with ${algorithm}, not ${ALGORITHM}`);
    const sealing = (await this.#ring()).find(keyId);
    if (!sealing) {
      throw new SealBroken(`sealed under key-encryption key ${keyId}, which is not at hand`);
    }
    const nonce = ciphertext.subarray(0, NONCE_BYTES);
    const encrypted = ciphertext.subarray(NONCE_BYTES, -TAG_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', sealing.key, nonce, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(encrypted), decipher.final()]);
    } catch (cause) {
      throw new SealBroken(`${context} or its seal was altered`, { cause });
    }
  }
}

/** Quotes nothing of the text when that is no key ring. */
function parseKeyRing(text: string): KeyRing {
  const ring = KeyRing.parse(text);
  if (ring) return ring;
  throw new SealBroken(
    'the file of key-encryption keys is not one or more lines of 32 bytes in base64, each once',
  );
}

function readNow(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    return unreadable(cause);
  }
}

function unreadable(cause: unknown): never {
  throw new SealBroken('the file of key-encryption keys cannot be read', { cause });
}
