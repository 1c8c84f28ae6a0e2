/**
 * The place of a row in a list that is ordered by time of creation and then id.
 *
 * Times are exact to the millisecond: the column compared with is a `timestamptz(3)`, or rows would be skipped.
 */
export interface Cursor {
  readonly createdAt: Date;
  /** A UUID in lower case. */
  readonly id: string;
}

/** A page token that this system has not made. */
export class CursorInvalid extends Error {
  override readonly name = 'CursorInvalid';
  readonly code = 'cursor_invalid';

  constructor() {
    super('the page token is not one of this system');
  }
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const CURSOR = new RegExp(`^(0|[1-9][0-9]{0,12})\\.(${UUID})$`);

/** Makes the opaque page token of a place. Opaque is not secret: it tells time and id, and grants nothing. */
export function encodeCursor({ createdAt, id }: Cursor): string {
  const text = `${createdAt.getTime()}.${id}`;
  if (!CURSOR.test(text))
    throw new TypeError('a cursor has a time since 1970 and a lower-case UUID');
  return Buffer.from(text).toString('base64url');
}

/**
 * Parses a presented page token into the place it stands for. Only the one spelling that `encodeCursor` gives is
 * accepted. Whether a row is there, and whose it is, is for the query to decide.
 *
 * @throws CursorInvalid for anything else.
 */
export function decodeCursor(presentedToken: string): Cursor {
  const text = Buffer.from(presentedToken, 'base64url').toString('latin1');
  const [, milliseconds, id] = CURSOR.exec(text) ?? [];
  if (id === undefined || Buffer.from(text).toString('base64url') !== presentedToken) {
    throw new CursorInvalid();
  }
  return { createdAt: new Date(Number(milliseconds)), id };
}
