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
export { createRegistry } from './metrics';
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
