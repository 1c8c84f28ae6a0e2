import { randomUUID } from 'node:crypto';
import { accountSecurityV1 } from '@sallyport/contracts';
import { gatewayMetadataFor } from '../identity-metadata';
import { byCustomer } from './access';
import type { AccessTable } from './access';

export const ACCOUNT_SECURITY_ACCESS: AccessTable<
  typeof accountSecurityV1.AccountSecurityServiceDefinition
> = {
  getPasswordState: {
    caller: 'gateway',
    request: () => accountSecurityV1.GetPasswordStateRequest.encode({}).finish(),
    metadata: byCustomer,
  },
  listOwnEvents: {
    caller: 'gateway',
    request: () =>
      accountSecurityV1.ListOwnEventsRequest.encode({ pageSize: 1, pageToken: '' }).finish(),
    metadata: byCustomer,
  },
  // In a session that there is not: served, it would end all that the other rows need.
  reportCompromised: {
    caller: 'gateway',
    request: () => accountSecurityV1.ReportCompromisedRequest.encode({}).finish(),
    metadata: ({ customer }) => gatewayMetadataFor({ ...customer, sessionId: randomUUID() }),
    decision: { status: 'UNAUTHENTICATED', reason: 'session_ended' },
  },
};
