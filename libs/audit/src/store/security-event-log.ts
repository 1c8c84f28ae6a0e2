import { PageRequestInvalid } from '@sallyport/persistence';
import type { Kysely } from 'kysely';
import type { SecurityEventsTable, AuditTables } from './security-events.tables';

/** A security event with its place in the chain. */
export type StoredSecurityEvent = Readonly<Omit<SecurityEventsTable, 'previous_hash'>>;

/** Which events to read; what is left out lets everything through. */
export interface SecurityEventFilter {
  readonly type?: string | undefined;
  readonly outcome?: string | undefined;
  readonly reason?: string | undefined;
  readonly principal?: string | undefined;
  readonly correlationId?: string | undefined;
  /** Recorded then or later. */
  readonly from?: Date | undefined;
  /** Recorded before. */
  readonly to?: Date | undefined;
}

/** Which page to read: `size` events, those before `before` in the chain. */
export interface SecurityEventPageRequest {
  readonly size: number;
  readonly before?: number;
}

export interface SecurityEventPage {
  readonly events: readonly StoredSecurityEvent[];
  /** Empty at the end. */
  readonly nextPageToken: string;
}

const DEFAULT_SIZE = 50;
const LARGEST_SIZE = 200;

/**
 * Parses the paging fields of a request: a size of 0 means 50, an empty token the first page. A token is the sequence
 * number of the last event seen, which rows appended meanwhile do not move.
 *
 * @throws PageRequestInvalid for a size outside 1 to 200, or a token that is no sequence number.
 */
export function parseSecurityEventPage(wire: {
  readonly pageSize: number;
  readonly pageToken: string;
}): SecurityEventPageRequest {
  const size = wire.pageSize === 0 ? DEFAULT_SIZE : wire.pageSize;
  if (size < 1 || size > LARGEST_SIZE) throw new PageRequestInvalid('page_size_out_of_range');
  if (wire.pageToken === '') return { size };
  if (!/^[1-9]\d{0,14}$/.test(wire.pageToken)) throw new PageRequestInvalid('page_token_invalid');
  return { size, before: Number(wire.pageToken) };
}

/** Reads the security events of a service. */
export interface ReadsSecurityEvents {
  /** The newest first. @throws DatabaseUnavailable */
  list(filter: SecurityEventFilter, request: SecurityEventPageRequest): Promise<SecurityEventPage>;
}

/** Reads them from its chain. */
export class SecurityEventLog implements ReadsSecurityEvents {
  constructor(private readonly db: Kysely<AuditTables>) {}

  async list(
    filter: SecurityEventFilter,
    { size, before }: SecurityEventPageRequest,
  ): Promise<SecurityEventPage> {
    const { type, outcome, reason, principal, correlationId, from, to } = filter;
    let query = this.db.selectFrom('security_events').selectAll();
    if (type !== undefined) query = query.where('type', '=', type);
    if (outcome !== undefined) query = query.where('outcome', '=', outcome);
    if (reason !== undefined) query = query.where('reason', '=', reason);
    if (principal !== undefined) query = query.where('principal', '=', principal);
    if (correlationId !== undefined) query = query.where('correlation_id', '=', correlationId);
    if (from !== undefined) query = query.where('recorded_at', '>=', from);
    if (to !== undefined) query = query.where('recorded_at', '<', to);
    if (before !== undefined) query = query.where('seq', '<', before);
    const found = await query
      .orderBy('seq', 'desc')
      .limit(size + 1)
      .execute();
    const events = found.slice(0, size);
    const last = events.at(-1);
    return { events, nextPageToken: last && found.length > size ? String(last.seq) : '' };
  }
}
