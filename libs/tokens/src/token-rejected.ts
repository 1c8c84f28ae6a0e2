/** Why a presented token was not accepted; stable, fit for logs and metrics, never shown with more detail outside. */
export type TokenRejectionCode =
  /** Not a compact JWS of bounded length with canonical segments, a strict JSON header and an allowed member set. */
  | 'token_malformed'
  /** The header points to or carries a key (`jku`, `x5u`, `jwk`, `x5c`, `x5t…`) or demands extensions (`crit`). */
  | 'token_key_reference_refused'
  /** `alg` is not the one this kind of token uses. */
  | 'token_algorithm_refused'
  /** `typ` is not that of this kind of token. */
  | 'token_type_wrong'
  /** The issuer publishes no key under this `kid`. */
  | 'token_key_unknown'
  /** Whether the issuer publishes such a key cannot be found out now: answer 503, not 401. */
  | 'token_key_unavailable'
  | 'token_signature_invalid'
  | 'token_issuer_wrong'
  | 'token_audience_wrong'
  | 'token_expired'
  /** `nbf`, `iat` or `auth_time` lies in the future. */
  | 'token_not_yet_valid'
  /** A claim is missing, of the wrong shape, or the lifetime is longer than this issuer ever grants. */
  | 'token_claims_invalid'
  /** It is bound to a certificate that is not that of the connection (RFC 8705 §3). */
  | 'token_certificate_mismatch'
  /** It is bound to a key, and presented as if it were not (RFC 9449 §7.2). */
  | 'token_proof_missing'
  /** It is presented as bound to a key, and is not. */
  | 'token_not_key_bound'
  /** The token itself was revoked, by `jti`. */
  | 'token_revoked'
  /** Its session has ended, by `sid`. */
  | 'session_revoked'
  /** Everything issued to its subject before a moment was revoked. */
  | 'subject_revoked'
  /** Everything issued to its client before a moment was revoked. */
  | 'client_revoked'
  /** Whether it was revoked cannot be known now: answer 503, not 401. */
  | 'revocation_unknown';

/** A presented token that is not accepted. Its message is the code: nothing of the token is repeated. */
export class TokenRejected extends Error {
  override readonly name = 'TokenRejected';

  constructor(
    readonly code: TokenRejectionCode,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}
