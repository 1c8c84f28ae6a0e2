import { sql, type Kysely } from 'kysely';
import { inOrder, type SchemaMigrations } from './schema-migration';

/** Where Kysely's own migrator wrote down what was applied: earlier versions of the services look there. */
const TABLE = sql.table('kysely_migration');

/** The table, unless it is there. Only with the lock: two that make it at once disturb each other. */
export async function ensureAppliedMigrations<Tables>(connection: Kysely<Tables>): Promise<void> {
  const isThere = await hasTable(connection);
  if (isThere) return;
  await sql`
    CREATE TABLE ${TABLE} (
      name      varchar(255) NOT NULL PRIMARY KEY,
      timestamp varchar(255) NOT NULL
    )`.execute(connection);
}

/** The names of what was applied; those of a later version of the service too. Changes nothing. */
export async function readAppliedMigrations<Tables>(
  db: Kysely<Tables>,
): Promise<ReadonlySet<string>> {
  if (!(await hasTable(db))) return new Set();
  const { rows } = await sql<{ name: string }>`SELECT name FROM ${TABLE}`.execute(db);
  return new Set(rows.map(({ name }) => name));
}

export async function writeAppliedMigration<Tables>(
  connection: Kysely<Tables>,
  name: string,
): Promise<void> {
  const now = new Date().toISOString();
  await sql`INSERT INTO ${TABLE} (name, timestamp) VALUES (${name}, ${now})`.execute(connection);
}

/** What a service needs and its database does not have yet, in order. It works without those that only take away. */
export async function missingMigrations<Tables>(
  db: Kysely<Tables>,
  migrations: SchemaMigrations,
): Promise<readonly string[]> {
  const applied = await readAppliedMigrations(db);
  return inOrder(migrations).filter(
    (name) => !applied.has(name) && migrations[name]?.contract === undefined,
  );
}

async function hasTable<Tables>(db: Kysely<Tables>): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    SELECT to_regclass('kysely_migration') IS NOT NULL AS found`.execute(db);
  return rows[0]?.found === true;
}
