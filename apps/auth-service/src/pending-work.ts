import { sql, type Kysely } from 'kysely';
import type { AuthTables } from './auth.tables';

/** What is written down and not done yet, by the queue it waits in. */
export async function countPending(
  db: Kysely<AuthTables>,
): Promise<Readonly<Record<'mails' | 'logout_notices' | 'revocations', number>>> {
  const { rows } = await sql<{
    readonly mails: number;
    readonly notices: number;
    readonly revocations: number;
  }>`
    SELECT
      (SELECT count(*) FROM mails WHERE expires_at > now()) AS mails,
      (SELECT count(*) FROM oauth_logout_notices) AS notices,
      (SELECT count(*) FROM revocations WHERE published_at IS NULL) AS revocations`.execute(db);
  const [row] = rows;
  return {
    mails: row?.mails ?? 0,
    logout_notices: row?.notices ?? 0,
    revocations: row?.revocations ?? 0,
  };
}
