import { Client } from 'pg';
import type { QueryResultRow } from 'pg';
import type { ClusterFacts } from './cluster-facts';

/** Asks auth-service's database, as the service itself could. */
export async function askAuthDatabase<Row extends QueryResultRow>(
  { authDatabaseUrl }: Pick<ClusterFacts, 'authDatabaseUrl'>,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const database = new Client({ connectionString: authDatabaseUrl });
  await database.connect();
  try {
    return (await database.query<Row>(sql, [...values])).rows;
  } finally {
    await database.end();
  }
}

/** Which of these sessions have not ended, sorted. */
export async function liveSessions(
  facts: Pick<ClusterFacts, 'authDatabaseUrl'>,
  ids: readonly string[],
): Promise<readonly string[]> {
  const rows = await askAuthDatabase<{ readonly id: string }>(
    facts,
    'SELECT id FROM sessions WHERE id = ANY($1) AND ended_at IS NULL ORDER BY id',
    [ids],
  );
  return rows.map(({ id }) => id);
}
