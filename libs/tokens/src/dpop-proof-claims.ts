import { hash } from 'node:crypto';
import { DpopProofRejected } from './dpop-proof-rejected';
import { normalisedRequestUri } from './request-uri';

/** The longest `jti`; 96 random bits, which RFC 9449 §4.2 asks for, are 16 characters. */
const LONGEST_ID = 256;

/** What a proof that was found good says. */
export interface DpopProof {
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly iat: number;
}

/** The request a proof comes with. */
export interface ProvenRequest {
  readonly method: string;
  /** Absolute, as clients have it; query and fragment are not looked at. */
  readonly uri: string;
}

/** What the claims of a proof have to agree with. */
export interface DpopProofExpectations extends ProvenRequest {
  readonly presentedToken: string;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly oldestSeconds: number;
  readonly clockToleranceSeconds: number;
}

type Payload = Readonly<Record<string, unknown>>;

/**
 * Validates claims as RFC 9449 §4.3 lists them: shape, method, URI, time, token. `nonce` is not looked at: whoever gives
 * none has nothing to compare it with.
 *
 * @throws DpopProofRejected
 */
export function validateDpopProofClaims(
  payload: Payload,
  expected: DpopProofExpectations,
): DpopProof {
  const { jti, htm, htu, iat, ath, exp, nbf } = payload;
  if (
    !isText(jti) ||
    jti.length > LONGEST_ID ||
    !isText(htm) ||
    !isText(htu) ||
    !isNumericDate(iat) ||
    !isText(ath) ||
    !isNumericDate(exp ?? iat) ||
    !isNumericDate(nbf ?? iat)
  ) {
    throw new DpopProofRejected('dpop_proof_claims_invalid');
  }
  if (htm !== expected.method) throw new DpopProofRejected('dpop_proof_method_wrong');
  const uri = normalisedRequestUri(htu);
  if (uri === undefined || uri !== normalisedRequestUri(expected.uri)) {
    throw new DpopProofRejected('dpop_proof_uri_wrong');
  }
  const { now, oldestSeconds, clockToleranceSeconds } = expected;
  const validFrom = Math.max(iat, Number(nbf ?? iat));
  if (
    iat < now - oldestSeconds ||
    validFrom > now + clockToleranceSeconds ||
    Number(exp ?? Infinity) <= now
  ) {
    throw new DpopProofRejected('dpop_proof_not_recent');
  }
  if (ath !== hash('sha256', expected.presentedToken, 'base64url')) {
    throw new DpopProofRejected('dpop_proof_token_wrong');
  }
  return { jti, iat };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** A NumericDate (RFC 7519 §2) in whole seconds. */
function isNumericDate(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
