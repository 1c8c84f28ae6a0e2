import { types } from 'node:util';
import { Migrator, sql } from 'kysely';
import type { Kysely, Migration } from 'kysely';
import { DatabaseUnavailable } from './database-unavailable.error';
import { LIFT_LIMITS } from './guarded-pool';

/** The schema could not be brought up to date, and is as it was before. */
export class MigrationFailed extends Error {
  override readonly name = 'MigrationFailed';
  readonly code = 'migration_failed';
}

/**
 * Brings a schema up to date: runs the migrations that have not run yet in the order of their names, all or none
 * of them. Replicas that start together wait for the first, and find the work done.
 *
 * @throws MigrationFailed when one fails, or when the database has seen migrations that are not given.
 * @throws DatabaseUnavailable when the database cannot answer.
 */
export async function migrateToLatest<Tables>(
  db: Kysely<Tables>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  await db.connection().execute(async (connection) => {
    await sql.raw(LIFT_LIMITS).execute(connection);
    const provider = { getMigrations: () => Promise.resolve({ ...migrations }) };
    const { error, results } = await new Migrator({ db: connection, provider }).migrateToLatest();
    if (error === undefined) return;
    if (error instanceof DatabaseUnavailable) throw error;
    const failed = results?.find(({ status }) => status === 'Error')?.migrationName;
    const which = failed === undefined ? 'the migrations' : `the migration ${failed}`;
    const reason = types.isNativeError(error) ? `: ${error.message}` : '';
    throw new MigrationFailed(`${which} cannot be applied${reason}`, { cause: error });
  });
}
