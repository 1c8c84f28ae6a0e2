import type { RecordedRevocation } from '@sallyport/revocation';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { noticesOfEnds } from '../oauth/logout-notices/notices-of-ends';
import { sessionRevocations } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import type { SessionEnd } from './session';

/** A session that has just ended. */
export interface EndedSession {
  readonly id: string;
  readonly accountId: string;
}

/** What one statement ended, and the records of it to be published. */
export interface EndedSessions {
  readonly sessions: readonly EndedSession[];
  readonly revocations: readonly RecordedRevocation[];
}

/** Either half of what there is to tell of a session. */
interface Row {
  readonly id: string;
  readonly account_id: string | null;
  readonly record_id: number | null;
  readonly expires_at: Date | null;
}

/**
 * Ends the sessions for which a condition on `sessions` holds, at most `limit` of them, and records that of each, and which
 * clients are to be told: one statement, so that neither happens without the other.
 *
 * The rows are locked in the order of their ids, so that statements that end the same sessions do not deadlock; the
 * condition is evaluated again on each row once it is locked.
 */
export async function endSessions(
  connection: AuthConnection,
  condition: RawBuilder<unknown>,
  {
    reason,
    now,
    limit = null,
  }: { readonly reason: SessionEnd; readonly now: Date; readonly limit?: number | null },
): Promise<EndedSessions> {
  // The halves are put together here: the planner expects a row or two of either, and would join them one by one.
  const { rows } = await sql<Row>`
    WITH condemned AS (
      SELECT id FROM sessions
      WHERE ${condition}
      ORDER BY id
      LIMIT ${limit}
      FOR UPDATE
    ), ended AS (
      UPDATE sessions SET ended_at = ${now}, end_reason = ${reason}
      FROM condemned WHERE sessions.id = condemned.id
      RETURNING sessions.id, sessions.account_id, sessions.end_reason, sessions.client_id,
        sessions.client_knows, sessions.client_sid, sessions.browser_uid
    ), recorded AS (${sessionRevocations(now)}), noticed AS (${noticesOfEnds(now)})
    SELECT id::text, account_id, NULL::bigint AS record_id, NULL::timestamptz AS expires_at
    FROM ended
    UNION ALL
    SELECT revoked_id, NULL, record_id, expires_at FROM recorded`.execute(connection);
  return {
    sessions: rows.flatMap(({ id, account_id }) =>
      account_id === null ? [] : [{ id, accountId: account_id }],
    ),
    revocations: rows.flatMap(({ id, record_id, expires_at }) =>
      record_id === null || expires_at === null ? [] : [revocationOf(id, record_id, expires_at)],
    ),
  };
}

function revocationOf(id: string, recordId: number, expiresAt: Date): RecordedRevocation {
  return {
    recordId: String(recordId),
    revocation: { kind: 'session', id, expiresAt: Math.ceil(expiresAt.getTime() / 1000) },
  };
}
