import { createHash } from 'node:crypto';

const KEY_BYTES = 32;

/** A key-encryption key and the name under which secrets remember it. */
export interface KeyEncryptionKey {
  /** Says which key it is and nothing about it: the beginning of its SHA-256. */
  readonly id: string;
  readonly key: Buffer;
}

/** Key-encryption keys: the first seals, every one opens. */
export class KeyRing {
  readonly first: KeyEncryptionKey;
  readonly #keys: ReadonlyMap<string, KeyEncryptionKey>;

  /**
   * @param keys each of 32 random bytes, the one that seals first.
   * @throws TypeError when there is none, one is of another length, or one is there twice.
   */
  constructor(keys: readonly Buffer[]) {
    const named = keys.map((key) => ({ id: idOf(key), key }));
    this.#keys = new Map(named.map((each) => [each.id, each]));
    const [first] = named;
    if (!first || keys.some((key) => key.length !== KEY_BYTES) || this.#keys.size < keys.length) {
      throw new TypeError(`a key ring has keys of ${KEY_BYTES} bytes, at least one, each once`);
    }
    this.first = first;
  }

  /** Undefined unless the text is one or more lines of 32 bytes in base64, each once. */
  static parse(text: string): KeyRing | undefined {
    const lines = text.trim().split(/\r?\n/);
    const keys = lines.map((line) => Buffer.from(line, 'base64'));
    // Buffer skips what is no base64, and takes base64url as well.
    const isFaithful = keys.every(
      (key, index) => key.length === KEY_BYTES && key.toString('base64') === lines[index],
    );
    return isFaithful && new Set(lines).size === lines.length ? new KeyRing(keys) : undefined;
  }

  find(id: string): KeyEncryptionKey | undefined {
    return this.#keys.get(id);
  }
}

function idOf(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}
