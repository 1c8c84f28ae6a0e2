export { nestOptions } from './boot/nest-options';
export { eachBatch, removeInBatches, type RepeatedJob } from './boot/repeated-job';
export { repeated, RepeatedPasses } from './boot/repeated-passes';
export { startWhole, type Opened } from './boot/start-whole';
export { runService, type RunningService, type RunServiceOptions } from './boot/run-service';
export {
  AllowCallers,
  Public,
  RequireAuthentication,
  RequirePrincipal,
  RequireScopes,
  RequireSession,
  RequireWorkloadTransaction,
  RunAsWorkload,
} from './declarations/access.decorators';
export type { RequiredAuthentication } from './declarations/access-declaration';
export { TakesClientCertificate } from './declarations/client-certificate.decorator';
export { assertEveryHandlerDeclares } from './declarations/assert-declarations';
export {
  collectAccessDeclarations,
  type AccessDeclaration,
} from './declarations/collect-access-declarations';
export { RpcMethod } from './declarations/rpc-method.decorator';
export { UndeclaredHandlerError } from './declarations/undeclared-handler.error';
export { bearerChallenge, type BearerChallenge } from './errors/bearer-challenge';
export { dpopChallenge, type DpopChallenge } from './errors/dpop-challenge';
export { HTTP_STATUS_OF } from './errors/http-status';
export { GrpcExceptionFilter } from './errors/grpc-exception.filter';
export { ProblemError, type ProblemOptions } from './errors/problem-error';
export {
  documentOf,
  ProblemExceptionFilter,
  type ProblemFilterOptions,
} from './errors/problem-exception.filter';
export { ServiceError } from './errors/service-error';
export { declaredIdentity } from './guards/admitted-call';
export { GrpcTransport, type GrpcTransportOptions } from './grpc-client/grpc-transport';
export { identityCertificateEnds } from './handshakes/identity-certificate-ends';
export { MeasuredTransport } from './grpc-client/measured-transport';
export { grpcServerOptions } from './grpc-server/grpc-server-options';
export { GrpcServerStrategy, type GrpcServerOptions } from './grpc-server/grpc-server.strategy';
export { MissingHandlerError } from './grpc-server/missing-handler.error';
export type { ListenAddress } from './grpc-server/mutual-tls-listener';
export { correlateRequests } from './http/correlate-requests';
export { HttpAccessGuard } from './http/http-access.guard';
export { internalHttpsOptions, keepReloaded } from './http/internal-https';
export {
  mutualTlsAgent,
  MutualTlsAgent,
  type Exchange,
  type MutualTlsAgentOptions,
} from './http/mutual-tls-agent';
export type { PublicFace } from './http/public-face';
export { CORRELATION_HEADER } from './inbound/admission';
export {
  CallingWorkload,
  ClientAddress,
  CLIENT_ADDRESS_HEADER,
  CurrentPrincipal,
  CurrentWorkloadTransaction,
  PresentedTransactionToken,
} from './inbound/call-parameters.decorator';
export type { HttpRequest } from './inbound/carrier';
export { recordHandshakeRefusals } from './inbound/handshake-refusals';
export { principalOf, setPrincipal } from './inbound/principals';
export { spiffeIdOfService, type ServiceTrust, type WorkloadNames } from './inbound/service-trust';
export {
  TransactionTokenClient,
  type TransactionTokenClientOptions,
  type WorkloadJob,
} from './transactions/transaction-token-client';
export {
  ATTR_CORRELATION_ID,
  endHttpSpan,
  startHttpSpan,
  type TracedHttpRequest,
} from './tracing/http-spans';
export {
  internalRequestTracing,
  type InternalRequestTracing,
} from './tracing/internal-request-tracing';
export { openTracing, type OpenTracingOptions } from './tracing/open-tracing';
export { ZeroTrustModule } from './zero-trust.module';
export {
  openSvidSource,
  type IdentityOrigin,
  type OpenSvidSourceOptions,
} from './workload-api/open-svid-source';
export { SvidUnavailable } from './workload-api/svid-unavailable.error';
export {
  WorkloadApiSvidSource,
  type WorkloadApiSvidSourceOptions,
} from './workload-api/workload-api-svid.source';
