import { createPublicKey, hash, type JsonWebKey, type KeyObject } from 'node:crypto';
import { DpopProofRejected } from './dpop-proof-rejected';
import { isRecord } from './strict-json';

/** The signatures a proof may have: asymmetric ones, those of FAPI 2.0 (§5.4.1); `EdDSA` as it is called since RFC 9864 too. */
export const DPOP_ALGORITHMS = ['ES256', 'PS256', 'EdDSA', 'Ed25519'] as const;

export type DpopAlgorithm = (typeof DPOP_ALGORITHMS)[number];

/** The key a proof was made with, as its header presents it. */
export interface PresentedDpopKey {
  readonly key: KeyObject;
  /** SHA-256 of the key (RFC 7638), in base64url: what `cnf.jkt` names. */
  readonly thumbprint: string;
}

interface KeyKind {
  readonly type: string;
  /** `crv`, where the type has several. */
  readonly curve?: string;
  /** What identifies the key, in the order in which RFC 7638 §3.2 writes it. */
  readonly members: readonly string[];
}

const OKP: KeyKind = { type: 'OKP', curve: 'Ed25519', members: ['crv', 'kty', 'x'] };

const KINDS: Readonly<Record<DpopAlgorithm, KeyKind>> = {
  ES256: { type: 'EC', curve: 'P-256', members: ['crv', 'kty', 'x', 'y'] },
  PS256: { type: 'RSA', members: ['e', 'kty', 'n'] },
  EdDSA: OKP,
  Ed25519: OKP,
};

const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

export function isDpopAlgorithm(value: unknown): value is DpopAlgorithm {
  return DPOP_ALGORITHMS.some((algorithm) => algorithm === value);
}

/**
 * Parses the `jwk` of a proof (RFC 9449 §4.2): a public key of the one kind that goes with the algorithm, in its one
 * canonical spelling, RSA of 2048 to 8192 bits. Members that do not identify the key are ignored, unless they say that
 * it is for something else. Whose key it is, it does not say.
 *
 * @throws DpopProofRejected `dpop_proof_key_refused`
 */
export function parseDpopKey(jwk: unknown, algorithm: DpopAlgorithm): PresentedDpopKey {
  if (!isRecord(jwk) || SECRET_MEMBERS.some((member) => Object.hasOwn(jwk, member))) refuse();
  const { type, curve, members } = KINDS[algorithm];
  if (jwk['kty'] !== type || (curve !== undefined && jwk['crv'] !== curve)) refuse();
  if ((jwk['alg'] ?? algorithm) !== algorithm || (jwk['use'] ?? 'sig') !== 'sig') refuse();

  const presented = Object.fromEntries(members.map((member) => [member, jwk[member]]));
  const key = importPublicKey(presented);
  const canonical = key.export({ format: 'jwk' });
  // Node ignores spare bits and foreign characters: one key would have many thumbprints.
  if (members.some((member) => canonical[member] !== presented[member])) refuse();
  const { modulusLength = 2048, publicExponent = 65_537n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < 2048 || modulusLength > 8192 || publicExponent < 65_537n) refuse();
  return { key, thumbprint: hash('sha256', JSON.stringify(presented), 'base64url') };
}

/** Fails for a point that is not on its curve. */
function importPublicKey(jwk: Record<string, unknown>): KeyObject {
  try {
    return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  } catch (cause) {
    return refuse(cause);
  }
}

function refuse(cause?: unknown): never {
  throw new DpopProofRejected('dpop_proof_key_refused', { cause });
}
