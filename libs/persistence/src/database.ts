import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import { GuardedPool } from './guarded-pool';
import { typeParsers } from './int8';

/** Where a service's database is and how it is used. */
export interface DatabaseOptions {
  /** A postgres:// URL. Holds the password. */
  readonly url: string;
  /** Shown by the server for each connection, e.g. the service's name. */
  readonly applicationName: string;
  /** The most connections held at once; 10 unless given. */
  readonly poolSize?: number;
  /** How long one statement may take; 5 s unless given. */
  readonly statementTimeoutMs?: number;
}

/** A service's database. */
export interface Database<Tables> {
  /** Builds and runs statements; they reject with `DatabaseUnavailable` when the database cannot answer. */
  readonly db: Kysely<Tables>;
  /** The connections themselves, with the driver's own errors. */
  readonly pool: Pool;
  /** Rejects with `DatabaseUnavailable` unless a statement can be run now. */
  check(): Promise<void>;
  /** Waits for what is under way and closes all connections. */
  close(): Promise<void>;
}

const CONNECT_WITHIN_MS = 3_000;
/** How much longer than the server's own timeout the answer is waited for. */
const ANSWER_GRACE_MS = 1_000;

/**
 * Opens a pool of connections to PostgreSQL, which connects when it is first used and again after a loss.
 *
 * `bigint` is read as number (a RangeError where that would round), `timestamptz` as Date.
 */
export function createDatabase<Tables>(options: DatabaseOptions): Database<Tables> {
  const statementTimeoutMs = options.statementTimeoutMs ?? 5_000;
  const pool = new Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    statement_timeout: statementTimeoutMs,
    lock_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: 10_000,
    types: typeParsers(),
  });
  // A connection that is lost while no statement runs on it is replaced on its next use; without a
  // listener its error would end the process.
  const leaveToNextUse = () => undefined;
  pool.on('error', leaveToNextUse);
  pool.on('connect', (client) => client.on('error', leaveToNextUse));

  const guarded = new GuardedPool(pool, statementTimeoutMs + ANSWER_GRACE_MS);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: guarded }) });
  return {
    db,
    pool,
    async check() {
      await sql`SELECT 1`.execute(db);
    },
    async close() {
      await db.destroy();
      // Kysely leaves a pool alone that it never used.
      await guarded.end();
    },
  };
}
