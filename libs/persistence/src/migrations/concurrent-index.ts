import { sql, type Kysely, type RawBuilder } from 'kysely';

/**
 * Builds an index while the table is written to, in a migration with `isNonTransactional`. A build that was interrupted leaves an
 * index behind that is kept up and never used: that one is dropped first.
 *
 * @param name of the index
 * @param definition what comes after the name, e.g. sql`ON orders (owner)`
 */
export async function createIndexConcurrently<Tables>(
  db: Kysely<Tables>,
  name: string,
  definition: RawBuilder<unknown>,
): Promise<void> {
  const { rows } = await sql<{ usable: boolean }>`
    SELECT indisvalid AS usable FROM pg_index WHERE indexrelid = to_regclass(${name})`.execute(db);
  if (rows[0]?.usable === true) return;
  if (rows[0] !== undefined) await sql`DROP INDEX CONCURRENTLY ${sql.id(name)}`.execute(db);
  await sql`CREATE INDEX CONCURRENTLY ${sql.id(name)} ${definition}`.execute(db);
}
