import type { accountSecurityV1 } from '@sallyport/contracts';
import type { ReadsOwnEvents } from '../own/own-events';

/**
 * Answers a ListOwnEvents of the owner of an account.
 *
 * @throws PageRequestInvalid, DatabaseUnavailable
 */
export async function answerOwnList(
  log: ReadsOwnEvents,
  accountId: string,
  request: accountSecurityV1.ListOwnEventsRequest,
): Promise<accountSecurityV1.ListOwnEventsResponse> {
  const { events, hasMore } = await log.list(accountId, request);
  return { events: events.map((event) => ({ ...event, from: event.from ?? '' })), hasMore };
}
