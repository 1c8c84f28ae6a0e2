/** KeyEncryption, bound to the keys in a file. */
export const KEY_ENCRYPTION = Symbol('KeyEncryption');

/** A secret as it may be stored, with what is needed to find the key that opens it. */
export interface SealedSecret {
  readonly keyId: string;
  readonly algorithm: string;
  readonly ciphertext: Buffer;
}

/** Seals secrets under a key that is never stored beside them. A key management service is one adapter. */
export interface KeyEncryption {
  /** The id of the key that seals now; what is sealed under another one opens, and ought to be sealed again. */
  currentKeyId(): Promise<string>;

  /**
   * @param context what the secret is and whose; the same text is needed to open it.
   * Rejects with SealBroken when there is no key at hand at the moment.
   */
  seal(secret: Buffer, context: string): Promise<SealedSecret>;

  /**
   * 32 bytes for a purpose, the same wherever the same key seals; nothing about the key or about other purposes can be
   * learned from them. Others when another key seals.
   * Rejects with SealBroken when there is no key at hand at the moment.
   */
  derive(purpose: string): Promise<Buffer>;

  /** Rejects with SealBroken when the key is not at hand, or anything about the secret was altered. */
  open(sealed: SealedSecret, context: string): Promise<Buffer>;
}

/** A secret can be neither sealed nor opened here. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
  readonly code = 'seal_broken';

  constructor(problem: string, options?: ErrorOptions) {
    super(`a secret does not seal or open: ${problem}`, options);
  }
}
