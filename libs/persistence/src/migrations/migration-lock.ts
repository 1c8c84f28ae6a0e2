import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import { MigrationFailed } from './migration-failed.error';

/** The number that Kysely's own migrator locks with, and with it earlier versions of the services. */
const LOCK = 3_853_314_791_062_309_107n;

const ASK_EVERY_MS = 250;

/**
 * Waits until no other process migrates this database, and keeps others from it for as long as the connection lives: the
 * server lets go of the lock when the migrator dies.
 *
 * Asks again and again instead of waiting in the server: a statement that waits there holds a snapshot, which
 * `CREATE INDEX CONCURRENTLY` of the migrator that has the lock would wait for in turn.
 *
 * @throws MigrationFailed after `withinMs`
 */
export async function lockMigrations<Tables>(
  connection: Kysely<Tables>,
  withinMs: number,
): Promise<void> {
  const until = Date.now() + withinMs;
  for (;;) {
    const { rows } = await sql<{ held: boolean }>`
      SELECT pg_try_advisory_lock(${sql.lit(LOCK)}) AS held`.execute(connection);
    if (rows[0]?.held === true) return;
    if (Date.now() >= until) {
      throw new MigrationFailed(
        `another process has been migrating for ${Math.round(withinMs / 1_000)} s`,
      );
    }
    await delay(ASK_EVERY_MS);
  }
}

/** Lets others migrate. A connection that is broken has let them already. */
export async function unlockMigrations<Tables>(connection: Kysely<Tables>): Promise<void> {
  await sql`SELECT pg_advisory_unlock(${sql.lit(LOCK)})`.execute(connection).catch(() => undefined);
}
