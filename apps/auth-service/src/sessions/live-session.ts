import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { laterBy } from '../revocations/record-revocation';
import type { SessionPolicy } from './session-policy';

/** Whether a row of `sessions` is a session that has not ended, neither by a statement nor by the time. */
export function isLive({ idleLimitSeconds }: SessionPolicy, now: Date): RawBuilder<boolean> {
  const idleSince = idleLimitSeconds === undefined ? null : laterBy(now, -idleLimitSeconds);
  return sql<boolean>`(sessions.ended_at IS NULL AND sessions.expires_at > ${now}
    AND sessions.last_used_at > coalesce(${idleSince}::timestamptz, '-infinity'))`;
}
