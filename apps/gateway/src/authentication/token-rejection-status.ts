import type { TokenRejectionCode } from '@sallyport/tokens';

/** Whether a token is not good, 401, or whether that cannot be told now, 503; a code without a row does not compile. */
export const STATUS_OF_REJECTION: Readonly<Record<TokenRejectionCode, 401 | 503>> = {
  token_malformed: 401,
  token_key_reference_refused: 401,
  token_algorithm_refused: 401,
  token_type_wrong: 401,
  token_key_unknown: 401,
  token_key_unavailable: 503,
  token_signature_invalid: 401,
  token_issuer_wrong: 401,
  token_audience_wrong: 401,
  token_expired: 401,
  token_not_yet_valid: 401,
  token_claims_invalid: 401,
  token_certificate_mismatch: 401,
  token_proof_missing: 401,
  token_not_key_bound: 401,
  token_revoked: 401,
  session_revoked: 401,
  subject_revoked: 401,
  client_revoked: 401,
  revocation_unknown: 503,
};
