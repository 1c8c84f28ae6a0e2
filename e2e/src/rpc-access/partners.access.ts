import { createHash } from 'node:crypto';
import { partnersV1 } from '@sallyport/contracts';
import { LOCAL_PARTNERS } from '@sallyport/launcher';
import type { AccessTable } from './access';

/** A certificate of the seeded partner, as the gateway tells of it: whose name it carries, its thumbprint made up. */
const certificate = {
  thumbprint: createHash('sha256').update('no certificate').digest('base64url'),
  subjectAlternativeNames: LOCAL_PARTNERS.flatMap(({ names }) => [...names]),
};

export const PARTNERS_ACCESS: AccessTable<typeof partnersV1.PartnerServiceDefinition> = {
  resolvePartner: {
    caller: 'gateway',
    request: () =>
      partnersV1.ResolvePartnerRequest.encode({ certificate, mayBeUnknown: false }).finish(),
  },
  issuePartnerToken: {
    caller: 'gateway',
    request: () => partnersV1.IssuePartnerTokenRequest.encode({ certificate, scope: '' }).finish(),
  },
};
