import type { SvidJwsRejectionCode } from './svid-jws-rejected';

/** Why a presented transaction token was not accepted; stable, fit for logs and metrics. */
export type TransactionTokenRejectionCode =
  /** `issuer_wrong`: the signer mints none, or none of this kind. */
  | `txn_token_${SvidJwsRejectionCode}`
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
