export { CLIENT_AUTH, SERVER_AUTH } from '@sallyport/dev-ca';
export { DpopProver, type ProofOverrides, type ProvenCall } from './dpop-prover';
export { FakeClock } from './fake-clock';
export { RecordedSecurityEvents } from './recorded-security-events';
export { handlesLeftBy } from './handles-left-by';
export { describeWithOathtool, Oathtool } from './oathtool';
export { TokenMint, type TokenMintOptions, type TokenOverrides } from './token-mint';
export { FakeCa, type FakeCaOptions } from './fake-ca';
export { FakePartnerCa, type FakePartnerCertificate } from './fake-partner-ca';
export { FakeLeaf, type FakeCertificate } from './fake-leaf';
export { SoftwareAuthenticator, type SoftwarePasskey } from './webauthn/software-authenticator';
export type {
  CreationOptions,
  CredentialOverrides,
  RequestOptions,
  SoftwareAssertion,
  SoftwareAttestation,
  SoftwareCredential,
} from './webauthn/credential-json';
export { newCredentialKey } from './webauthn/credential-key';
export { copyOfDatabase, postgresForTests } from './stores/postgres-for-tests';
export {
  describeOnSharedState,
  describeWithRedis,
  redisForTests,
  type SharedStateForTests,
} from './stores/redis-for-tests';
export type { AttributeValue, ReceivedSpan } from './traces/read-spans';
export { TraceCollector } from './traces/trace-collector';
