export { canonicalForm, type ChainedEvent } from './chain/canonical-event';
export { formatHead, hashOf, hashOfName, parseHead, type ChainHead } from './chain/chain-hash';
export { type OwnEvent } from './own/own-event';
export {
  OwnEvents,
  type OwnEventsPage,
  type OwnEventsRequest,
  type ReadsOwnEvents,
} from './own/own-events';
export { ownEventsMigration } from './own/own-events.migration';
export {
  ChainedSecurityEvents,
  type ChainedSecurityEventsOptions,
} from './recording/chained.security-events';
export { auditTablesOf, openAudit, type Audit, type AuditOptions } from './recording/open-audit';
export { recordRestoration } from './recording/record-restoration';
export { answerList } from './rpc/answer-list';
export { answerOwnList } from './rpc/answer-own-list';
export { AuditModule } from './rpc/audit.module';
export { ChainAppender } from './store/chain-appender';
export type { ChainFault } from './store/diagnose';
export type { UnchainedEvent } from './store/event-row';
export {
  SecurityEventLog,
  type ReadsSecurityEvents,
  type SecurityEventPage,
  type StoredSecurityEvent,
} from './store/security-event-log';
export type { AuditTables } from './store/security-events.tables';
export { securityEventsMigration } from './store/security-events.migration';
export { verifyChain, type ChainExpectations, type ChainReport } from './store/verify-chain';
