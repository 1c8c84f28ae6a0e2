import { compactVerify, errors } from 'jose';
import type { Clock } from './clock';
import { parseCompactJws, type UnverifiedJws } from './compact-jws';
import { isDpopAlgorithm, parseDpopKey, type DpopAlgorithm } from './dpop-key';
import { validateDpopProofClaims, type DpopProof, type ProvenRequest } from './dpop-proof-claims';
import { DpopProofRejected } from './dpop-proof-rejected';
import { parseStrictJsonObject } from './strict-json';

const LONGEST_PROOF = 8192;
const KEY_REFERENCE = /^(?:jku|x5u|x5c|x5t.*|crit)$/;

export interface DpopProofVerifierOptions {
  readonly clock: Clock;
  /** How long after it was made a proof is taken. */
  readonly oldestSeconds: number;
  /** By how much the clock of whoever makes it may be ahead. */
  readonly clockToleranceSeconds: number;
}

/** An access token that was found good, and what it is bound to. */
export interface BoundToken {
  /** As it was presented. */
  readonly presentedToken: string;
  /** Its `cnf.jkt`. */
  readonly keyThumbprint: string;
}

/**
 * Verifies that a request comes from who holds the key an access token is bound to, by RFC 9449 §4.3: `dpop+jwt`
 * only, one of four asymmetric algorithms, the key that the proof brings along being the one the token names.
 *
 * Checks, in this order, so that nothing is computed for a proof that cannot be one: form, key references, type,
 * algorithm, key; the token's binding; signature; then shape of claims, method, URI, time, token. It does not check the
 * token itself, nor whether the proof was presented before: that is up to whoever calls it, afterwards.
 */
export class DpopProofVerifier {
  readonly #options: DpopProofVerifierOptions;

  constructor(options: DpopProofVerifierOptions) {
    this.#options = options;
  }

  /** @throws DpopProofRejected */
  async verify(
    presentedProof: string,
    request: ProvenRequest,
    { presentedToken, keyThumbprint }: BoundToken,
  ): Promise<DpopProof> {
    const jws = parseCompactJws(presentedProof, LONGEST_PROOF);
    if (jws === undefined) throw new DpopProofRejected('dpop_proof_malformed');
    const algorithm = validateHeader(jws);
    const { key, thumbprint } = parseDpopKey(jws.unverifiedHeader['jwk'], algorithm);
    if (thumbprint !== keyThumbprint) throw new DpopProofRejected('dpop_proof_key_wrong');
    await verifySignature(presentedProof, key, algorithm);

    const payload = parseStrictJsonObject(jws.unverifiedPayload);
    if (payload === undefined) throw new DpopProofRejected('dpop_proof_malformed');
    const { clock, ...window } = this.#options;
    const now = Math.floor(clock().getTime() / 1000);
    return validateDpopProofClaims(payload, { ...request, ...window, presentedToken, now });
  }
}

function validateHeader({ unverifiedHeader }: UnverifiedJws): DpopAlgorithm {
  if (Object.keys(unverifiedHeader).some((member) => KEY_REFERENCE.test(member))) {
    throw new DpopProofRejected('dpop_proof_key_reference_refused');
  }
  const { alg, typ } = unverifiedHeader;
  if (typ !== 'dpop+jwt') throw new DpopProofRejected('dpop_proof_type_wrong');
  if (!isDpopAlgorithm(alg)) throw new DpopProofRejected('dpop_proof_algorithm_refused');
  return alg;
}

async function verifySignature(
  presentedProof: string,
  key: Parameters<typeof compactVerify>[1],
  algorithm: DpopAlgorithm,
): Promise<void> {
  try {
    await compactVerify(presentedProof, key, { algorithms: [algorithm] });
  } catch (cause) {
    if (cause instanceof errors.JWSSignatureVerificationFailed) {
      throw new DpopProofRejected('dpop_proof_signature_invalid', { cause });
    }
    throw cause;
  }
}
