import { answerOwnList, type ReadsOwnEvents } from '@sallyport/audit';
import { RpcError, type accountSecurityV1 } from '@sallyport/contracts';
import { DatabaseUnavailable } from '@sallyport/persistence';

/** The gateway's own events about an account, asked for like those of the services behind it. */
export async function ownEventsOf(
  log: ReadsOwnEvents,
  accountId: string,
  request: accountSecurityV1.ListOwnEventsRequest,
): Promise<accountSecurityV1.ListOwnEventsResponse> {
  try {
    return await answerOwnList(log, accountId, request);
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    throw new RpcError('UNAVAILABLE', error.code, { cause: error });
  }
}
