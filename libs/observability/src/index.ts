export {
  correlationId,
  newCorrelationId,
  parseCorrelationId,
  runWithCorrelation,
} from './correlation';
export { LoggedHandledCalls, type HandledCall, type HandledCalls } from './handled-calls';
export {
  createLogger,
  type LogFields,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from './logger';
export { BoundedLabel, OTHER } from './bounded-label';
export {
  CERTIFICATE_USES,
  registerCertificateMetrics,
  type CertificateEnds,
  type CertificateUse,
} from './certificate-metrics';
export { DURATION_BUCKETS } from './duration-buckets';
export { createRegistry, type ServiceBuild } from './metrics';
export { registerOutboxMetrics, type CountsPending } from './outbox-metrics';
export { packageVersion } from './package-version';
export { registerPoolMetrics, type CountsConnections } from './pool-metrics';
export { RpcClientMetrics } from './rpc-client-metrics';
export { SampledValues } from './sampled-values';
export type { Registry } from 'prom-client';
export { OperationsServer, type OperationsServerOptions } from './operations-server';
export type { ReadinessCheck } from './readiness';
export { redact } from './redact';
export { redactText } from './redact-text';
export {
  LoggedSecurityEvents,
  type SecurityEvent,
  type SecurityEvents,
  type SecurityEventType,
} from './security-events';
export {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_SCHEME,
} from '@opentelemetry/semantic-conventions';
export { FreshTlsAgent } from './tracing/collector-agent';
export {
  errorTypeOf,
  failSpan,
  isTraced,
  isTracing,
  runInSpan,
  startCallSpan,
  startRequestSpan,
  traceOwnWork,
  traceparentFor,
  type RequestDescription,
  type SpanDescription,
  type TraceSpan,
} from './tracing/spans';
export {
  startTracing,
  type TraceSettings,
  type Tracing,
  type TracingOptions,
} from './tracing/start-tracing';
export { TRACE_PARENT_HEADER } from './tracing/trace-parent';
