import { PageRequestInvalid } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { StoredSecurityEvent } from '../store/security-event-log';
import type { AuditTables } from '../store/security-events.tables';
import { parsePlace, toOwnEvent } from './own-event';
import type { OwnEvent, OwnEventPlace } from './own-event';
import { CAUSED_AS_PRINCIPAL, CAUSED_TO_TARGET } from './own-event-words';
import type { OwnEventWords } from './own-event-words';

/** Which page to read: `size` events, 0 for 20, those before the one of `pageToken`; the newest when it is empty. */
export interface OwnEventsRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface OwnEventsPage {
  readonly events: readonly OwnEvent[];
  readonly hasMore: boolean;
}

/** Reads what a service has recorded about one account, for its owner. */
export interface ReadsOwnEvents {
  /**
   * The newest first.
   *
   * @throws DatabaseUnavailable; PageRequestInvalid for a size outside 1 to 50, and for a token that was not given out for
   * this account
   */
  list(accountId: string, request: OwnEventsRequest): Promise<OwnEventsPage>;
}

const DEFAULT_SIZE = 20;
const LARGEST_SIZE = 50;

type Row = StoredSecurityEvent & { readonly words: number; readonly is_target: boolean };

/**
 * Reads them from the chain of the service. For each thing that is told it looks up the newest ones of this account in an
 * index, so that neither a long log nor much that is not told makes it slow.
 */
export class OwnEvents implements ReadsOwnEvents {
  constructor(private readonly db: Kysely<AuditTables>) {}

  async list(accountId: string, request: OwnEventsRequest): Promise<OwnEventsPage> {
    const size = request.pageSize === 0 ? DEFAULT_SIZE : request.pageSize;
    if (size < 1 || size > LARGEST_SIZE) throw new PageRequestInvalid('page_size_out_of_range');
    const before = request.pageToken && (await this.#placeOf(accountId, request.pageToken));
    const { rows } = await ownEventsQuery(accountId, size + 1, before || undefined).execute(
      this.db,
    );
    const events = rows.slice(0, size).flatMap((row) => {
      const words = (row.is_target ? CAUSED_TO_TARGET : CAUSED_AS_PRINCIPAL)[row.words - 1];
      return words === undefined ? [] : [toOwnEvent(row, words)];
    });
    return { events, hasMore: rows.length > size };
  }

  /** The page after an event is for whoever the event was shown to. */
  async #placeOf(accountId: string, presentedToken: string): Promise<number> {
    const place = parsePlace(presentedToken);
    const row = place && (await this.#find(place));
    if (!row || (row.principal !== accountId && row.target !== accountId)) {
      throw new PageRequestInvalid('page_token_invalid');
    }
    return row.seq;
  }

  async #find({ seq, mark }: OwnEventPlace) {
    const row = await this.db
      .selectFrom('security_events')
      .select(['seq', 'hash', 'principal', 'target'])
      .where('seq', '=', seq)
      .executeTakeFirst();
    return row?.hash.subarray(0, mark.length).equals(mark) ? row : undefined;
  }
}

/**
 * The newest events of each kind, of which the newest of all are a page. An operator is the principal of what they do to
 * others: such events are about their target alone.
 */
export function ownEventsQuery(accountId: string, limit: number, before?: number): RawBuilder<Row> {
  const placed = before === undefined ? sql`true` : sql`-seq > ${-before}`;
  return sql<Row>`
    SELECT event.* FROM (
      ${newestOf(CAUSED_AS_PRINCIPAL, {
        isTarget: sql`false`,
        named: sql`principal = ${accountId} AND (type NOT IN ('account', 'api_key') OR target IS NULL)`,
        placed,
        limit,
      })}
      UNION ALL
      ${newestOf(CAUSED_TO_TARGET, {
        isTarget: sql`true`,
        named: sql`target = ${accountId} AND type IN ('account', 'api_key', 'authentication')`,
        placed,
        limit,
      })}
    ) AS event
    ORDER BY event.seq DESC LIMIT ${limit}`;
}

function newestOf(
  words: readonly OwnEventWords[],
  {
    isTarget,
    named,
    placed,
    limit,
  }: Readonly<Record<'isTarget' | 'named' | 'placed', RawBuilder<unknown>>> & {
    readonly limit: number;
  },
): RawBuilder<unknown> {
  const reasons = words.map(({ reason }) => reason);
  const outcomes = words.map(({ outcome }) => outcome);
  return sql`
    SELECT newest.*, told.words, ${isTarget} AS is_target
    FROM unnest(${reasons}::text[], ${outcomes}::text[]) WITH ORDINALITY AS told (reason, outcome, words)
    CROSS JOIN LATERAL (
      SELECT * FROM security_events
      WHERE ${named} AND security_events.reason = told.reason
        AND security_events.outcome = told.outcome AND ${placed}
      ORDER BY -seq LIMIT ${limit}
    ) AS newest`;
}
