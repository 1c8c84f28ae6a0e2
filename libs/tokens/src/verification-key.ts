import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { isKeyId, type VerificationKey } from './key-set';
import { isRecord } from './strict-json';

/** Why a published key is not used. */
export type JwkRejectionCode =
  | 'jwk_malformed'
  /** Contains private or symmetric material. */
  | 'jwk_private'
  /** Not an RSA key. */
  | 'jwk_type_refused'
  | 'jwk_kid_invalid'
  /** Not for signatures, by `use` or `key_ops`. */
  | 'jwk_use_refused'
  /** Not for RS256. */
  | 'jwk_algorithm_refused'
  /** Modulus below 2048 or above 8192 bits, or public exponent below 65537. */
  | 'jwk_strength_refused';

/** A JSON Web Key that is not accepted as a verification key. */
export class JwkRejected extends Error {
  override readonly name = 'JwkRejected';

  constructor(
    readonly code: JwkRejectionCode,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * Parses one public RSA key for RS256 (RFC 7517 §4): `kid`, `use: "sig"` and `alg: "RS256"` must all be stated, so that
 * no key is used for what its issuer did not say.
 *
 * @throws JwkRejected
 */
export function parseVerificationKey(jwk: unknown): VerificationKey {
  if (!isRecord(jwk)) throw new JwkRejected('jwk_malformed');
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) {
    throw new JwkRejected('jwk_private');
  }
  if (jwk['kty'] !== 'RSA') throw new JwkRejected('jwk_type_refused');
  const kid = jwk['kid'];
  if (!isKeyId(kid)) throw new JwkRejected('jwk_kid_invalid');
  if (jwk['use'] !== 'sig' || !verifies(jwk['key_ops'])) throw new JwkRejected('jwk_use_refused');
  if (jwk['alg'] !== 'RS256') throw new JwkRejected('jwk_algorithm_refused');

  const key = importPublicKey({ kty: 'RSA', n: jwk['n'], e: jwk['e'] });
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < 2048 || modulusLength > 8192 || publicExponent < 65_537n) {
    throw new JwkRejected('jwk_strength_refused');
  }
  return Object.freeze({ kid, alg: 'RS256', key });
}

function verifies(keyOperations: unknown): boolean {
  return (
    keyOperations === undefined ||
    (Array.isArray(keyOperations) && keyOperations.length === 1 && keyOperations[0] === 'verify')
  );
}

function importPublicKey(jwk: Record<string, unknown>): KeyObject {
  try {
    return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  } catch (cause) {
    throw new JwkRejected('jwk_malformed', { cause });
  }
}
