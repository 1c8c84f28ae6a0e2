import { Client } from 'pg';
import type { QueryResultRow } from 'pg';

/** Asks a service's database, as the service itself could. */
export async function askDatabase<Row extends QueryResultRow>(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const database = new Client({ connectionString: url });
  await database.connect();
  try {
    return (await database.query<Row>(sql, [...values])).rows;
  } finally {
    await database.end();
  }
}
