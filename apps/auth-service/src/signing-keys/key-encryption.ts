/** KeyEncryption, bound to the key in a file. */
export const KEY_ENCRYPTION = Symbol('KeyEncryption');

/** A secret as it may be stored, with what is needed to find the key that opens it. */
export interface SealedSecret {
  readonly keyId: string;
  readonly algorithm: string;
  readonly ciphertext: Buffer;
}

/** Seals secrets under a key that is never stored beside them. A key management service is one adapter. */
export interface KeyEncryption {
  /** @param context what the secret is and whose; the same text is needed to open it. */
  seal(secret: Buffer, context: string): Promise<SealedSecret>;

  /** Rejects with SealBroken when the key is another one, or anything about the secret was altered. */
  open(sealed: SealedSecret, context: string): Promise<Buffer>;
}

/** A sealed secret cannot be opened here. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
  readonly code = 'seal_broken';

  constructor(problem: string, options?: ErrorOptions) {
    super(`a sealed secret does not open: ${problem}`, options);
  }
}
