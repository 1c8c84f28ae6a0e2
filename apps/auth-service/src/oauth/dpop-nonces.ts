import { Inject, Injectable } from '@nestjs/common';
import { DPOP_NONCE_POLICY } from '../app.tokens';
import { KEY_ENCRYPTION } from '../signing-keys/key-encryption';
import type { KeyEncryption } from '../signing-keys/key-encryption';

/** Whether a DPoP proof has to carry a nonce of the authorization server (RFC 9449 §8). */
export const DPOP_NONCE_POLICIES = ['optional', 'required'] as const;

export type DpopNoncePolicy = (typeof DPOP_NONCE_POLICIES)[number];

const PURPOSE = 'dpop-nonces';

/** How soon another key-encryption key is noticed. */
const LOOK_EVERY_MS = 60_000;

/**
 * The secret behind the nonces, the same in every replica and after a restart: derived from the key-encryption key, so
 * that there is none to keep. While that key is being replaced, nonces of replicas that have the other one are refused
 * with a new one.
 */
@Injectable()
export class DpopNonces {
  readonly isRequired: boolean;
  #secret: Buffer | undefined;
  #lookAgainAt = -Infinity;

  constructor(
    @Inject(KEY_ENCRYPTION) private readonly keys: Pick<KeyEncryption, 'derive'>,
    @Inject(DPOP_NONCE_POLICY) policy: DpopNoncePolicy,
  ) {
    this.isRequired = policy === 'required';
  }

  /** 32 bytes. The ones before while no key is at hand; rejects with SealBroken when there were none. */
  async secret(): Promise<Buffer> {
    if (this.#secret !== undefined && performance.now() < this.#lookAgainAt) return this.#secret;
    this.#lookAgainAt = performance.now() + LOOK_EVERY_MS;
    const before = this.#secret;
    const derived = this.keys.derive(PURPOSE);
    this.#secret = await (before === undefined ? derived : derived.catch(() => before));
    return this.#secret;
  }
}
