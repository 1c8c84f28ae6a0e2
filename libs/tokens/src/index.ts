export {
  AccessTokenSigner,
  type AccessTokenGrant,
  type AccessTokenSignerOptions,
  type SignedAccessToken,
  type SigningKey,
} from './access-token-signer';
export type { AccessTokenClaims } from './access-token-claims';
export {
  AccessTokenVerifier,
  type AccessTokenVerifierOptions,
  type VerifiesAccessTokens,
} from './access-token-verifier';
export {
  CachedAccessTokenVerifier,
  type CachedAccessTokenVerifierOptions,
} from './cached-access-token-verifier';
export { systemClock, type Clock } from './clock';
export { parseCompactJws, type UnverifiedJws } from './compact-jws';
export { certificateThumbprint, isCertificateThumbprint } from './confirmation';
export { DPOP_ALGORITHMS } from './dpop-key';
export type { DpopProof, ProvenRequest } from './dpop-proof-claims';
export { DpopProofRejected, type DpopProofRejectionCode } from './dpop-proof-rejected';
export {
  DpopProofVerifier,
  type BoundToken,
  type DpopProofVerifierOptions,
} from './dpop-proof-verifier';
export { isIdentifier } from './identifier';
export { type KeySet, type VerificationKey } from './key-set';
export { LocalKeySet } from './local-key-set';
export { RemoteKeySet, type RemoteKeySetOptions } from './remote-key-set';
export { formatScope, parseScope } from './scope';
export { parseStrictJsonObject } from './strict-json';
export { TokenRejected, type TokenRejectionCode } from './token-rejected';
export { JwkRejected, type JwkRejectionCode } from './verification-key';
