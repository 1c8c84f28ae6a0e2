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
