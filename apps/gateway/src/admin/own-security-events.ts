import { answerList, type ReadsSecurityEvents } from '@sallyport/audit';
import { RpcError } from '@sallyport/contracts';
import { DatabaseUnavailable } from '@sallyport/persistence';
import type { AuditClient } from '../upstream/upstream-clients';

/** The gateway's own security events, asked for like those of the services behind it. */
export function ownSecurityEvents(log: ReadsSecurityEvents): AuditClient {
  return {
    async listSecurityEvents(request) {
      try {
        return await answerList(log, request);
      } catch (error) {
        if (!(error instanceof DatabaseUnavailable)) throw error;
        throw new RpcError('UNAVAILABLE', error.code, { cause: error });
      }
    },
  };
}
