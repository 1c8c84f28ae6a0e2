import type { DpopProofRejected, DpopProofRejectionCode } from '@sallyport/tokens';
import { CredentialRefused } from '../authentication/authenticator';

type ProofProblem = 'invalid_dpop_proof' | 'invalid_token' | 'authentication_unavailable';

/** RFC 9449 section 7.1 calls a token that is bound to another key `invalid_token`, any other fault `invalid_dpop_proof`. */
const PROBLEM_OF_PROOF: Readonly<Record<DpopProofRejectionCode, ProofProblem>> = {
  dpop_proof_missing: 'invalid_dpop_proof',
  dpop_proof_unexpected: 'invalid_dpop_proof',
  dpop_proof_malformed: 'invalid_dpop_proof',
  dpop_proof_key_reference_refused: 'invalid_dpop_proof',
  dpop_proof_type_wrong: 'invalid_dpop_proof',
  dpop_proof_algorithm_refused: 'invalid_dpop_proof',
  dpop_proof_key_refused: 'invalid_dpop_proof',
  dpop_proof_signature_invalid: 'invalid_dpop_proof',
  dpop_proof_claims_invalid: 'invalid_dpop_proof',
  dpop_proof_method_wrong: 'invalid_dpop_proof',
  dpop_proof_uri_wrong: 'invalid_dpop_proof',
  dpop_proof_not_recent: 'invalid_dpop_proof',
  dpop_proof_token_wrong: 'invalid_dpop_proof',
  dpop_proof_key_wrong: 'invalid_token',
  dpop_proof_replayed: 'invalid_dpop_proof',
  dpop_proof_replay_unknown: 'authentication_unavailable',
};

/** The refusal of a credential for its proof. */
export function refusedProof(cause: DpopProofRejected): CredentialRefused {
  const { code: reason } = cause;
  const problem = PROBLEM_OF_PROOF[reason];
  const status = problem === 'authentication_unavailable' ? 503 : 401;
  return new CredentialRefused(reason, status, problem, { cause });
}
