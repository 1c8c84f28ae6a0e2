import type {
  TransactionTokenRejectionCode,
  WorkloadAssertionRejectionCode,
} from '@sallyport/principal';

/** The error codes of RFC 6749 §5.2 and RFC 8693 §2.2.2 that a Transaction Token request can get. */
export type ExchangeError =
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_target'
  | 'unauthorized_client'
  | 'unsupported_grant_type';

/** Why a Transaction Token request was refused; stable, fit for logs and metrics. */
export type ExchangeRefusalReason =
  | 'media_type_wrong'
  | 'parameter_repeated'
  | 'parameter_missing'
  | 'grant_type_unsupported'
  | 'requested_token_type_unsupported'
  | 'subject_token_type_unsupported'
  /** An actor, or details that would stand in the token: no policy allows any. */
  | 'parameter_unsupported'
  | 'target_wrong'
  | 'scope_malformed'
  | 'request_context_invalid'
  | WorkloadAssertionRejectionCode
  | 'assertion_replayed'
  | TransactionTokenRejectionCode
  /** A principal's transaction is replaced by nobody. */
  | 'txn_token_of_principal'
  /** The token is of a transaction that another workload has begun. */
  | 'txn_token_of_another_workload'
  | 'txn_token_replaced_too_often'
  /** The workload begins no transactions at all. */
  | 'workload_undeclared'
  | 'job_undeclared'
  /** Wider than the table allows. */
  | 'scope_undeclared'
  /** Wider than the token that is to be replaced. */
  | 'scope_widened';

/** A Transaction Token request that is refused. The error is for the protocol, the reason for logs and events. */
export class ExchangeRefused extends Error {
  override readonly name = 'ExchangeRefused';

  constructor(
    readonly error: ExchangeError,
    readonly reason: ExchangeRefusalReason,
    options?: ErrorOptions,
  ) {
    super(`${error}: ${reason}`, options);
  }
}
