import type { KeySet, VerificationKey } from './key-set';
import { parsePublishedKeys } from './published-keys';

/** A key set whose content never changes, from a JWK Set at hand. */
export class LocalKeySet implements KeySet {
  readonly version = 0;
  readonly #keys: ReadonlyMap<string, VerificationKey>;

  /** @throws JwkRejected for the first unusable key, TypeError when `jwks` is no JWK Set. */
  constructor(jwks: unknown) {
    const { keys, refused } = parsePublishedKeys(jwks);
    if (refused[0] !== undefined) throw refused[0];
    this.#keys = keys;
  }

  find(kid: string): Promise<VerificationKey | undefined> {
    return Promise.resolve(this.#keys.get(kid));
  }
}
