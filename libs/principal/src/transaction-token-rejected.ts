/** Why a presented transaction token was not accepted; stable, fit for logs and metrics. */
export type TransactionTokenRejectionCode =
  /** Not a compact JWS of bounded length with canonical segments, a strict JSON header and an allowed member set. */
  | 'txn_token_malformed'
  /** The header points to or carries a bare key (`jku`, `x5u`, `jwk`, `kid`, `x5t…`) or demands extensions (`crit`). */
  | 'txn_token_key_reference_refused'
  | 'txn_token_algorithm_refused'
  | 'txn_token_type_wrong'
  /** `x5c` is absent, empty, or not a list of certificates. */
  | 'txn_token_chain_missing'
  /** `x5c` does not lead to the trust bundle now, or its leaf is no X.509-SVID of the trust domain. */
  | 'txn_token_chain_untrusted'
  /** The chain is in order, but its leaf is not the gateway. */
  | 'txn_token_issuer_wrong'
  | 'txn_token_signature_invalid'
  | 'txn_token_audience_wrong'
  | 'txn_token_expired'
  | 'txn_token_not_yet_valid'
  /** A claim is missing, of the wrong shape, or the lifetime is longer than a minute. */
  | 'txn_token_claims_invalid';

/** A presented transaction token that is not accepted. Its message is the code: nothing of the token is repeated. */
export class TransactionTokenRejected extends Error {
  override readonly name = 'TransactionTokenRejected';

  constructor(
    readonly code: TransactionTokenRejectionCode,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}
