import { CursorInvalid, decodeCursor, encodeCursor } from './cursor';
import type { Cursor } from './cursor';
import { PageRequestInvalid } from './page-request-invalid.error';

const DEFAULT_SIZE = 20;
const LARGEST_SIZE = 100;

/** Which page of a list to read: `size` rows, from behind `after` on. */
export interface PageRequest {
  readonly size: number;
  readonly after?: Cursor;
}

/** One page of a list. The token is empty at the end. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextPageToken: string;
}

/**
 * Parses the paging fields of a request: a size of 0 means 20, an empty token the first page.
 *
 * @throws PageRequestInvalid for a size outside 1 to 100, or a token that was not handed out.
 */
export function parsePageRequest(wire: { pageSize: number; pageToken: string }): PageRequest {
  const size = wire.pageSize === 0 ? DEFAULT_SIZE : wire.pageSize;
  if (size < 1 || size > LARGEST_SIZE) {
    throw new PageRequestInvalid('page_size_out_of_range');
  }
  return wire.pageToken === '' ? { size } : { size, after: parseCursor(wire.pageToken) };
}

/** Makes a page of the rows found when one more than the page's size was asked for. */
export function toPage<Row extends Cursor>(found: readonly Row[], size: number): Page<Row> {
  const rows = found.slice(0, size);
  const last = rows.at(-1);
  return { rows, nextPageToken: last && found.length > size ? encodeCursor(last) : '' };
}

function parseCursor(pageToken: string): Cursor {
  try {
    return decodeCursor(pageToken);
  } catch (error) {
    if (!(error instanceof CursorInvalid)) throw error;
    throw new PageRequestInvalid('page_token_invalid', { cause: error });
  }
}
