import { Inject, Injectable } from '@nestjs/common';
import type { Clock, SigningKey } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import { KEY_ENCRYPTION } from './key-encryption';
import type { KeyEncryption } from './key-encryption';
import { decodePrivateKey, encodePrivateKey, generateSigningKey } from './signing-key';
import type { PublicJwk } from './signing-key';
import { SigningKeysRepository } from './signing-keys.repository';
import type { StoredSigningKey } from './signing-keys.repository';

/**
 * Decides which key signs and which are published.
 *
 * The database is asked for each token which key is active, so that every replica follows a change
 * at once; only opening the sealed key is saved from one token to the next.
 */
@Injectable()
export class SigningKeysService {
  #opened: SigningKey | undefined;

  constructor(
    private readonly keys: SigningKeysRepository,
    @Inject(KEY_ENCRYPTION) private readonly encryption: KeyEncryption,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Sees to it that there is an active key, and that this process can open it.
   *
   * @throws SealBroken when it is sealed under a key-encryption key that this process does not have.
   */
  async ensureActive(): Promise<SigningKey> {
    if (!(await this.keys.active())) {
      // Before the lock is taken: generating takes too long to let other replicas wait for it.
      await this.keys.activateFirst(await this.generate(), this.clock());
    }
    return this.active();
  }

  /** The key that signs now. */
  async active(): Promise<SigningKey> {
    const stored = await this.keys.active();
    if (!stored) throw new Error('there is no active signing key');
    if (this.#opened?.kid === stored.kid) return this.#opened;

    const encoded = await this.encryption.open(stored.sealedPrivateKey, contextOf(stored.kid));
    const opened = { kid: stored.kid, privateKey: decodePrivateKey(encoded) };
    this.#opened = opened;
    return opened;
  }

  /** The keys verifiers may meet in a token that has not expired, or will meet next. */
  published(): Promise<readonly PublicJwk[]> {
    return this.keys.published(this.clock());
  }

  private async generate(): Promise<StoredSigningKey> {
    const { kid, privateKey, publicJwk } = await generateSigningKey();
    const sealedPrivateKey = await this.encryption.seal(
      encodePrivateKey(privateKey),
      contextOf(kid),
    );
    return { kid, publicJwk, sealedPrivateKey };
  }
}

/** Binds the ciphertext to its row: the key of one row does not open as that of another. */
function contextOf(kid: string): string {
  return `signing-key:${kid}`;
}
