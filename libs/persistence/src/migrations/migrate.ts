import { types } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import { DatabaseUnavailable } from '../database-unavailable.error';
import { MIGRATOR_LIMITS } from '../guarded-pool';
import {
  ensureAppliedMigrations,
  readAppliedMigrations,
  writeAppliedMigration,
} from './applied-migrations';
import { MigrationFailed } from './migration-failed.error';
import { lockMigrations, unlockMigrations } from './migration-lock';
import { inOrder, type SchemaMigration, type SchemaMigrations } from './schema-migration';

export interface MigrateOptions {
  /** Whether those that take something away are applied too. To a database without any tables they always are. */
  readonly contract?: boolean;
  /** How often one is tried that does not get its locks; 60 times unless given, which is two to three minutes. */
  readonly attempts?: number;
  /** How long another process that migrates is waited for; 10 minutes unless given. */
  readonly waitMs?: number;
}

/** What came of it, each by name. */
export interface MigrationOutcome {
  readonly applied: readonly string[];
  /** Take something away, and wait for `contract`. */
  readonly postponed: readonly string[];
  /** Were applied by a later version of the service, which this one knows nothing of and can live with. */
  readonly ahead: readonly string[];
}

/** How long statements of a migration wait for a lock, and everybody else behind them. */
const LOCK_TIMEOUT_MS = 1_000;
/** How long one statement may hold its locks. What takes longer goes in steps, outside of a transaction. */
const STATEMENT_TIMEOUT_MS = 60_000;

const SQLSTATE = { lockNotAvailable: '55P03', queryCanceled: '57014' } as const;

/**
 * Brings a schema up to date: applies what has not been applied in the order of the names, each in a transaction of its own, so
 * that none holds its locks while another runs. Replicas that start together wait for the first, and find the work
 * done. Statements wait a second for a lock and are tried again later: live traffic is not held up behind them.
 *
 * A database that is ahead stays as it is: a version that is being replaced may start again at any time.
 *
 * @throws MigrationFailed when one fails; those before it stay applied.
 * @throws DatabaseUnavailable when the database cannot answer.
 */
export async function migrateToLatest<Tables>(
  db: Kysely<Tables>,
  migrations: SchemaMigrations,
  options: MigrateOptions = {},
): Promise<MigrationOutcome> {
  const { attempts = 60 } = options;
  const run: Run = { migrations, options, applied: [], isFresh: undefined };
  for (let attempt = 1; ; attempt += 1) {
    try {
      // Each on a connection of its own: one whose statement timed out is not used again.
      return await db.connection().execute((connection) => migrateOnce(connection, run));
    } catch (error) {
      if (!(error instanceof LocksNotHad)) throw error;
      if (attempt >= attempts) {
        throw new MigrationFailed(`${error.message}, tried ${attempts} times`, { cause: error });
      }
      await delay(LOCK_TIMEOUT_MS * (0.5 + Math.random()));
    }
  }
}

interface Run {
  readonly migrations: SchemaMigrations;
  readonly options: MigrateOptions;
  readonly applied: string[];
  /** Whether nothing had been applied when the run began: no version of the service uses the database. */
  isFresh: boolean | undefined;
}

/** A migration, rolled back, that others keep from its locks. */
class LocksNotHad extends Error {}

async function migrateOnce<Tables>(
  connection: Kysely<Tables>,
  run: Run,
): Promise<MigrationOutcome> {
  const { migrations, options } = run;
  await sql.raw(MIGRATOR_LIMITS).execute(connection);
  await lockMigrations(connection, options.waitMs ?? 600_000);
  try {
    await ensureAppliedMigrations(connection);
    const applied = await readAppliedMigrations(connection);
    run.isFresh ??= applied.size === 0;
    const withContract = options.contract === true || run.isFresh;
    const postponed: string[] = [];
    for (const name of inOrder(migrations)) {
      const migration = migrations[name];
      if (migration === undefined || applied.has(name)) continue;
      if (migration.contract !== undefined && !withContract) {
        postponed.push(name);
        continue;
      }
      await apply(connection, name, migration);
      run.applied.push(name);
    }
    const ahead = [...applied].filter((name) => !Object.hasOwn(migrations, name)).sort();
    return { applied: run.applied, postponed, ahead };
  } finally {
    await unlockMigrations(connection);
  }
}

async function apply<Tables>(
  connection: Kysely<Tables>,
  name: string,
  migration: SchemaMigration,
): Promise<void> {
  try {
    if (migration.isNonTransactional === true) {
      // What waits here without a transaction, such as a concurrent build for older snapshots, holds nobody up.
      await sql`SET lock_timeout = 0`.execute(connection);
      await migration.up(connection);
      await writeAppliedMigration(connection, name);
      return;
    }
    await connection.transaction().execute(async (transaction) => {
      await sql`
        SELECT set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true),
               set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true)`.execute(
        transaction,
      );
      await migration.up(transaction);
      await writeAppliedMigration(transaction, name);
    });
  } catch (error) {
    throw explained(name, error);
  }
}

function explained(name: string, error: unknown): unknown {
  const state = sqlStateOf(error);
  if (state === SQLSTATE.lockNotAvailable) {
    return new LocksNotHad(
      `the migration ${name} cannot be applied: others hold what it has to lock`,
      {
        cause: error,
      },
    );
  }
  if (error instanceof DatabaseUnavailable && state !== SQLSTATE.queryCanceled) return error;
  const reason =
    state === SQLSTATE.queryCanceled
      ? `: one of its statements took longer than ${STATEMENT_TIMEOUT_MS / 1_000} s or was cancelled`
      : types.isNativeError(error)
        ? `: ${error.message}`
        : '';
  return new MigrationFailed(`the migration ${name} cannot be applied${reason}`, { cause: error });
}

function sqlStateOf(error: unknown): string | undefined {
  const driver = error instanceof DatabaseUnavailable ? error.cause : error;
  if (!types.isNativeError(driver) || !('code' in driver)) return undefined;
  return typeof driver.code === 'string' ? driver.code : undefined;
}
