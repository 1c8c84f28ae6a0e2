import type { HygieneRefusal, RequestHead } from './hygiene-check';

/** Longest request target in characters. The longest legal one carries a page cursor. */
const MAX_TARGET_LENGTH = 2048;

const MAX_HEADERS = 100;

/**
 * Refuses a longer target and more header fields than any client of this API sends, which also bounds the work of the
 * checks that follow. The total size of the head is limited by the listener.
 */
export function checkHeadSize({ url = '', rawHeaders }: RequestHead): HygieneRefusal | undefined {
  if (url.length > MAX_TARGET_LENGTH) return 'uri_too_long';
  return rawHeaders.length > 2 * MAX_HEADERS ? 'too_many_headers' : undefined;
}
