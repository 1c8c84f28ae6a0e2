/** The names of RFC 8693 and draft-ietf-oauth-transaction-tokens that both ends of a Transaction Token request use. */
export const TOKEN_EXCHANGE = {
  /** Where the transaction token service takes requests, on its internal HTTPS face. */
  path: '/txn-tokens',
  grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
  transactionToken: 'urn:ietf:params:oauth:token-type:txn_token',
  /** Of a subject token that the workload has signed itself. */
  selfSigned: 'urn:ietf:params:oauth:token-type:self_signed',
  /** What is issued is nothing to authenticate with (RFC 8693 §2.2.1). */
  tokenType: 'N_A',
} as const;
