export { AUTHENTICATION_CLASSES, MFA_ACR, PASSWORD_ACR } from './authentication-classes';
export {
  CLIENT_CERTIFICATE_HEADER,
  encodeClientCertificate,
  LONGEST_CLIENT_CERTIFICATE,
  parseClientCertificate,
} from './client-certificate-header';
export { encodeIdentityHeaders, parseIdentityHeaders, type HeaderValues } from './identity-headers';
export {
  IdentityHeadersRejected,
  type IdentityHeadersRejectionCode,
} from './identity-headers-rejected';
export { ownerOf } from './owner';
export {
  createPrincipal,
  FIRST_PARTY_CLIENT_ID,
  PRINCIPAL_TYPES,
  type Principal,
  type PrincipalMembers,
  type PrincipalType,
} from './principal';
export {
  IDENTITY_HEADERS,
  isIdentityHeader,
  isReservedHeader,
  TRANSACTION_TOKEN_HEADER,
  type IdentityHeader,
} from './reserved-headers';
export { TOKEN_EXCHANGE } from './token-exchange';
export {
  LONGEST_LIFETIME_SECONDS,
  type PrincipalTransaction,
  type RequestContext,
  type TransactionContext,
  type WorkloadTransaction,
} from './transaction-context';
export {
  TransactionTokenMinter,
  type Transaction,
  type TransactionTokenMinterOptions,
} from './transaction-token-minter';
export {
  TransactionTokenRejected,
  type TransactionTokenRejectionCode,
} from './transaction-token-rejected';
export {
  TransactionTokenVerifier,
  type TransactionIssuers,
  type TransactionTokenVerifierOptions,
} from './transaction-token-verifier';
export {
  WorkloadAssertionRejected,
  WorkloadAssertionSigner,
  WorkloadAssertionVerifier,
  type WorkloadAssertion,
  type WorkloadAssertionRejectionCode,
  type WorkloadAssertionVerifierOptions,
} from './workload-assertion';
export {
  WorkloadTransactionMinter,
  type WorkloadTransactionMinterOptions,
} from './workload-transaction-minter';
