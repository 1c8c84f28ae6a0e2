import type { VerificationKey } from './key-set';
import { isRecord } from './strict-json';
import { JwkRejected, parseVerificationKey } from './verification-key';

const MOST_KEYS = 100;

/** What a JWK Set document holds for this system. */
export interface PublishedKeys {
  readonly keys: ReadonlyMap<string, VerificationKey>;
  /** The keys that are not used, and why. */
  readonly refused: readonly JwkRejected[];
}

/**
 * Parses a JWK Set (RFC 7517 §5): unusable keys are left out, as the RFC says, and reported.
 *
 * @throws TypeError when it is no JWK Set, is over 100 keys long, or two usable keys share a `kid`.
 */
export function parsePublishedKeys(jwks: unknown): PublishedKeys {
  const published = isRecord(jwks) ? jwks['keys'] : undefined;
  if (!Array.isArray(published) || published.length > MOST_KEYS) {
    throw new TypeError(`a JWK Set with at most ${MOST_KEYS} keys is required`);
  }
  const keys = new Map<string, VerificationKey>();
  const refused: JwkRejected[] = [];
  for (const jwk of published as unknown[]) {
    try {
      const key = parseVerificationKey(jwk);
      if (keys.has(key.kid)) throw new TypeError('two keys of a JWK Set share a kid');
      keys.set(key.kid, key);
    } catch (error) {
      if (!(error instanceof JwkRejected)) throw error;
      refused.push(error);
    }
  }
  return { keys, refused };
}

/** Whether two sets hold the same keys under the same ids. */
export function holdSameKeys(
  left: ReadonlyMap<string, VerificationKey>,
  right: ReadonlyMap<string, VerificationKey>,
): boolean {
  return (
    left.size === right.size &&
    [...left].every(([kid, { key }]) => right.get(kid)?.key.equals(key) ?? false)
  );
}
