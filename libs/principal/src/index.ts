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
export type { RequestContext, TransactionContext } from './transaction-context';
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
  type TransactionTokenVerifierOptions,
} from './transaction-token-verifier';
