import type { IdentityHeader } from './reserved-headers';

/** Why identity headers are not believed. */
export type IdentityHeadersRejectionCode =
  /** The id or the type is absent. */
  | 'identity_header_missing'
  /** A header appears twice, or its value is several joined by a comma. */
  | 'identity_header_duplicated'
  /** A value is empty, too long, or contains what its header does not take. */
  | 'identity_header_malformed';

/** Identity headers that do not name exactly one principal. The message names the header, never its value. */
export class IdentityHeadersRejected extends Error {
  override readonly name = 'IdentityHeadersRejected';

  constructor(
    readonly code: IdentityHeadersRejectionCode,
    readonly header: IdentityHeader,
  ) {
    super(`${code}: ${header}`);
  }
}
