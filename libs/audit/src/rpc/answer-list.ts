import type { auditV1 } from '@sallyport/contracts';
import { parseSecurityEventPage, type ReadsSecurityEvents } from '../store/security-event-log';
import { parseFilter, messageOf } from './audit.messages';

/**
 * Answers a ListSecurityEvents of an authorized caller.
 *
 * @throws PageRequestInvalid, DatabaseUnavailable; ServiceError INVALID_ARGUMENT `filter_invalid`
 */
export async function answerList(
  log: ReadsSecurityEvents,
  request: auditV1.ListSecurityEventsRequest,
): Promise<auditV1.ListSecurityEventsResponse> {
  const page = await log.list(parseFilter(request), parseSecurityEventPage(request));
  return { events: page.events.map(messageOf), nextPageToken: page.nextPageToken };
}
