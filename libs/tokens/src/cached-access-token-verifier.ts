import { hash } from 'node:crypto';
import type { AccessTokenClaims } from './access-token-claims';
import type { VerifiesAccessTokens } from './access-token-verifier';
import type { Clock } from './clock';
import type { KeySet } from './key-set';

export interface CachedAccessTokenVerifierOptions {
  readonly verifier: VerifiesAccessTokens;
  /** The key set `verifier` uses. */
  readonly keys: Pick<KeySet, 'version'>;
  readonly clock: Clock;
  /** How many verified tokens are remembered, at most. */
  readonly maxEntries: number;
}

interface Entry {
  readonly claims: Promise<AccessTokenClaims>;
  readonly expiresAtMs: number;
}

/**
 * Remembers which tokens have been verified, by their SHA-256, until they expire, least recently used forgotten first.
 *
 * Only accepted tokens are remembered. All are forgotten when the keys change, so a withdrawn key ends what it signed.
 * It does not know about revocation: that is checked on every request, by whoever calls it.
 */
export class CachedAccessTokenVerifier implements VerifiesAccessTokens {
  readonly #options: CachedAccessTokenVerifierOptions;
  /** In order of use, the least recent first. */
  readonly #entries = new Map<string, Entry>();
  #version: number;

  /** @throws TypeError unless `maxEntries` is a positive whole number. */
  constructor(options: CachedAccessTokenVerifierOptions) {
    if (!Number.isSafeInteger(options.maxEntries) || options.maxEntries < 1) {
      throw new TypeError('maxEntries has to be a positive whole number');
    }
    this.#options = options;
    this.#version = options.keys.version;
  }

  /** How many tokens are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  verify(presentedToken: string): Promise<AccessTokenClaims> {
    this.#forgetOtherVersions();
    const digest = hash('sha256', presentedToken, 'base64');
    const entry = this.#entries.get(digest);
    if (entry === undefined) return this.#verifyAndRemember(presentedToken, digest);

    this.#entries.delete(digest);
    if (entry.expiresAtMs <= this.#options.clock().getTime()) {
      return this.#options.verifier.verify(presentedToken);
    }
    this.#entries.set(digest, entry);
    return entry.claims;
  }

  async #verifyAndRemember(presentedToken: string, digest: string): Promise<AccessTokenClaims> {
    const { verifier, keys, maxEntries } = this.#options;
    const { version } = keys;
    const claims = await verifier.verify(presentedToken);
    // A key may have been withdrawn while its signature was being verified.
    this.#forgetOtherVersions();
    if (version === this.#version) {
      this.#entries.set(digest, {
        claims: Promise.resolve(claims),
        expiresAtMs: claims.exp * 1000,
      });
      if (this.#entries.size > maxEntries) this.#forgetLeastRecent();
    }
    return claims;
  }

  #forgetOtherVersions(): void {
    const { version } = this.#options.keys;
    if (version === this.#version) return;
    this.#entries.clear();
    this.#version = version;
  }

  #forgetLeastRecent(): void {
    for (const digest of this.#entries.keys()) {
      this.#entries.delete(digest);
      return;
    }
  }
}
