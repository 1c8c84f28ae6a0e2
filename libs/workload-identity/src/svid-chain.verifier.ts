import { createHash } from 'node:crypto';
import { verifyChain, type VerifiedSvid } from './svid-chain';
import type { TrustBundle } from './trust-bundle';
import type { TrustDomain } from './trust-domain';

export interface SvidChainVerifierOptions {
  readonly trustDomain: TrustDomain;
  /** Asked on every call, so that a reloaded bundle counts at once. */
  readonly bundle: () => TrustBundle;
  readonly clock: () => Date;
  /** Verified chains kept; the least recently used one makes room. */
  readonly maxEntries?: number;
}

/**
 * Verifies chains as {@link verifySvidChain} does and remembers the ones that passed.
 * A remembered chain is honoured only while every certificate in it, root included, is valid, and
 * only under the bundle it was verified with. Refusals are not remembered.
 */
export class SvidChainVerifier {
  readonly #options: Required<SvidChainVerifierOptions>;
  readonly #verified = new Map<string, VerifiedSvid>();
  #bundle: TrustBundle | undefined;

  constructor({ maxEntries = 64, ...options }: SvidChainVerifierOptions) {
    this.#options = { ...options, maxEntries };
  }

  /**
   * @param chain DER certificates, leaf first
   * @throws {SvidRejected}
   */
  verify(chain: readonly Buffer[]): VerifiedSvid {
    const { trustDomain, clock, maxEntries } = this.#options;
    const bundle = this.#options.bundle();
    if (bundle !== this.#bundle) {
      this.#verified.clear();
      this.#bundle = bundle;
    }
    const now = clock();
    const key = digest(chain);
    const remembered = this.#verified.get(key);
    this.#verified.delete(key);
    const verified =
      remembered && remembered.notBefore <= now && now <= remembered.notAfter
        ? remembered
        : verifyChain(chain, bundle, { now, trustDomain });
    this.#verified.set(key, verified);
    if (this.#verified.size > maxEntries) {
      const [leastRecentlyUsed] = this.#verified.keys();
      if (leastRecentlyUsed !== undefined) this.#verified.delete(leastRecentlyUsed);
    }
    return verified;
  }
}

/** Lengths are part of the digest: the same bytes cut differently are another chain. */
function digest(chain: readonly Buffer[]): string {
  const hash = createHash('sha256').update(chain.map(({ length }) => length).join());
  for (const der of chain) hash.update(der);
  return hash.digest('base64');
}
