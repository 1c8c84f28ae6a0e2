import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import type { SessionPolicy } from './session-policy';

/** Whether a row of `sessions` is a session that has not ended, neither by a statement nor by the time. */
export function isLive({ idleLimitSeconds }: SessionPolicy, now: Date): RawBuilder<boolean> {
  const idleSince = idleLimitSeconds === undefined ? null : laterBy(now, -idleLimitSeconds);
  return sql<boolean>`(sessions.ended_at IS NULL AND sessions.expires_at > ${now}
    AND sessions.last_used_at > coalesce(${idleSince}::timestamptz, '-infinity'))`;
}

/**
 * Whether an account has this session and it is live; if so, it stays that way until the transaction is over. An end that
 * is under way is waited for.
 */
export async function holdLiveSession(
  transaction: AuthConnection,
  session: { readonly id: string; readonly accountId: string },
  { policy, now }: { readonly policy: SessionPolicy; readonly now: Date },
): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM sessions
    WHERE id = ${session.id} AND account_id = ${session.accountId} AND ${isLive(policy, now)}
    FOR SHARE`.execute(transaction);
  return rows.length > 0;
}
