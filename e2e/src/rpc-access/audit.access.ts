import { auditV1 } from '@sallyport/contracts';
import { byOperator } from './access';
import type { AccessTable } from './access';

/** The same in every service that serves its events. */
export const AUDIT_ACCESS: AccessTable<typeof auditV1.AuditServiceDefinition> = {
  listSecurityEvents: {
    caller: 'gateway',
    request: () =>
      auditV1.ListSecurityEventsRequest.encode({
        ...{ pageSize: 1, pageToken: '', type: '', outcome: '', reason: '', principal: '' },
        ...{ correlationId: '', from: undefined, to: undefined },
      }).finish(),
    metadata: byOperator,
  },
};
