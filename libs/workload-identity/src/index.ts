export { authorizeId, authorizeMemberOf, authorizeOneOf, type Authorizer } from './authorizer';
export { certificateNames, type CertificateNames } from './certificate-names';
export { certificatesPemOfDer, privateKeyPemOfDer } from './der';
export { parseDistinguishedName, type DistinguishedName } from './distinguished-name';
export { FileSvidSource, type FileSvidSourceOptions } from './file-svid.source';
export { IdentityFilesError } from './identity-files.error';
export { endOfChain, identityEnds } from './identity-ends';
export { IDENTITY_FILES, readIdentityFiles, type IdentityFilesOptions } from './identity-files';
export { parseCertificatesPem } from './pem';
export { SpiffeIdInvalid, type SpiffeIdInvalidCode } from './spiffe-id-invalid.error';
export { SpiffeId, type ServiceName } from './spiffe-id';
export { verifySvidChain, type SvidChainExpectation, type VerifiedSvid } from './svid-chain';
export { SvidChainVerifier, type SvidChainVerifierOptions } from './svid-chain.verifier';
export { spiffeIdOfCertificate } from './svid-profile';
export { SvidRejected, type SvidRejectionCode } from './svid-rejected.error';
export {
  StaticSvidSource,
  type SvidSource,
  type WorkloadContext,
  type WorkloadContextListener,
} from './svid.source';
export { Svid, type SvidPem } from './svid';
export {
  mutualTlsClientOptions,
  mutualTlsServerOptions,
  serverIdentityCheck,
  spiffeIdOfPeer,
  type MutualTlsClientOptions,
  type MutualTlsServerOptions,
  type ServerIdentityCheck,
} from './tls-options';
export { TrustBundle, TrustBundleInvalid } from './trust-bundle';
export { TrustDomain } from './trust-domain';
