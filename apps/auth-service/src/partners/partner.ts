import { ServiceError } from '@sallyport/nest-zero-trust';
import { parseScope } from '@sallyport/tokens';
import { isUuid } from '../is-uuid';

/** An organisation whose systems call the API, known by its client certificates. */
export interface Partner {
  /** The subject and the client id of its tokens. Never given to another partner. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** What it may do. */
  readonly scopes: readonly string[];
  /** Undefined when the usual limit applies. */
  readonly requestsPerMinute: number | undefined;
  /** Since when an operator keeps it out. */
  readonly disabledAt: Date | undefined;
  /** No access token issued before counts; whole seconds. */
  readonly tokensValidFrom: Date;
  readonly createdAt: Date;
}

export const MOST_REQUESTS_PER_MINUTE = 1_000_000;

/** What the system's own clients are called; the tokens of a partner of such an id could be taken for theirs. */
const OWN_CLIENTS = /^sallyport(?:-|$)/;
const ID = /^(?=.{1,63}$)[a-z0-9](?:-?[a-z0-9])*$/;
const LONGEST_NAME_BYTES = 200;

/**
 * An id for a partner: 1 to 63 letters, digits and inner hyphens, all lower case. Accounts are called by UUIDs and this
 * system's own clients `sallyport-…`, and principals of one id own the same things: a partner is called like neither.
 *
 * @throws ServiceError INVALID_ARGUMENT `partner_id_invalid`
 */
export function parsePartnerId(presented: string): string {
  if (ID.test(presented) && !isUuid(presented) && !OWN_CLIENTS.test(presented)) return presented;
  throw new ServiceError(
    'INVALID_ARGUMENT',
    'partner_id_invalid',
    'lower-case letters, digits and inner hyphens, at most 63; no UUID, nothing that begins with sallyport',
  );
}

/** @throws ServiceError INVALID_ARGUMENT `partner_name_invalid` */
export function parsePartnerName(presented: string): string {
  const name = presented.trim();
  // A name is shown on terminals: nothing in it moves the cursor.
  const isShowable = name !== '' && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name);
  if (isShowable && Buffer.byteLength(name) <= LONGEST_NAME_BYTES) return name;
  throw new ServiceError('INVALID_ARGUMENT', 'partner_name_invalid');
}

/**
 * Scopes with a space or a comma between two of them; each is kept once.
 *
 * @throws ServiceError INVALID_ARGUMENT `scopes_invalid`
 */
export function parsePartnerScopes(presented: string): readonly string[] {
  const scopes = parseScope(presented.trim().replace(/[\s,]+/g, ' '));
  if (scopes === undefined) throw new ServiceError('INVALID_ARGUMENT', 'scopes_invalid');
  return [...scopes];
}

/**
 * A limit in requests a minute; `none` when the usual one is to apply.
 *
 * @throws ServiceError INVALID_ARGUMENT `limit_invalid`
 */
export function parseRequestsPerMinute(presented: string): number | undefined {
  if (presented === 'none') return undefined;
  const limit = /^[1-9][0-9]*$/.test(presented) ? Number(presented) : 0;
  if (limit >= 1 && limit <= MOST_REQUESTS_PER_MINUTE) return limit;
  throw new ServiceError(
    'INVALID_ARGUMENT',
    'limit_invalid',
    `none, or 1 to ${MOST_REQUESTS_PER_MINUTE}`,
  );
}
