/** Why a DPoP proof was not accepted; stable, fit for logs and metrics, never shown with more detail outside. */
export type DpopProofRejectionCode =
  /** There is none where there has to be one. */
  | 'dpop_proof_missing'
  /** There is one beside a credential that is bound to no key. */
  | 'dpop_proof_unexpected'
  /** Not a compact JWS of bounded length with canonical segments and strict JSON in its parts. */
  | 'dpop_proof_malformed'
  /** The header points to a key (`jku`, `x5u`, `x5c`, `x5t…`) or demands extensions (`crit`). */
  | 'dpop_proof_key_reference_refused'
  | 'dpop_proof_type_wrong'
  /** `alg` is none of the asymmetric ones in the allowlist. */
  | 'dpop_proof_algorithm_refused'
  /** `jwk` is absent, private, symmetric, weak, or not of the algorithm. */
  | 'dpop_proof_key_refused'
  | 'dpop_proof_signature_invalid'
  /** A claim is missing or of the wrong shape. */
  | 'dpop_proof_claims_invalid'
  /** It was made for another method than that of the request. */
  | 'dpop_proof_method_wrong'
  /** It was made for another URI than that of the request. */
  | 'dpop_proof_uri_wrong'
  /** It was made too long ago, or is dated to come. */
  | 'dpop_proof_not_recent'
  /** It was made for another access token. */
  | 'dpop_proof_token_wrong'
  /** The access token is bound to another key. */
  | 'dpop_proof_key_wrong'
  /** It has been presented before. */
  | 'dpop_proof_replayed'
  /** Whether it has been presented before cannot be known now: answer 503, not 401. */
  | 'dpop_proof_replay_unknown';

/** A presented DPoP proof that is not accepted. Its message is the code: nothing of the proof is repeated. */
export class DpopProofRejected extends Error {
  override readonly name = 'DpopProofRejected';

  constructor(
    readonly code: DpopProofRejectionCode,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}
