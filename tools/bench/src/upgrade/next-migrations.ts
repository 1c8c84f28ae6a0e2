import { createIndexConcurrently, type SchemaMigrations } from '@sallyport/persistence';
import { sql } from 'kysely';

/** A change of one table as another version would bring it, in every form that an expand and a contract may have. */
interface ChangedTable {
  readonly table: string;
  readonly key: string;
  /** Whether rows that are there may be changed. */
  readonly isAppendOnly?: boolean;
}

const CHANGED = {
  'auth-service': { table: 'sessions', key: 'id' },
  'billing-service': { table: 'charges', key: 'order_id' },
  'orders-service': { table: 'orders', key: 'id' },
  gateway: { table: 'security_events', key: 'seq', isAppendOnly: true },
} as const satisfies Record<string, ChangedTable>;

/** Rows of one step of a backfill: each holds its locks for milliseconds. */
const STEP = 200;

/**
 * A column and an index that the next version brings: added while rows are written by a version that knows neither, filled in
 * steps, checked without standing in front of writers; and at last, when only the next version runs, made binding.
 */
export const nextMigrations: Readonly<Record<string, SchemaMigrations>> = Object.fromEntries(
  Object.entries(CHANGED).map(([service, changed]) => [service, migrationsOf(changed)]),
);

function migrationsOf({ table, key, isAppendOnly = false }: ChangedTable): SchemaMigrations {
  const [name, id] = [sql.table(table), sql.ref(key)];
  const index = `${table}_by_channel`;
  return {
    '9001-channel': {
      async up(db) {
        await sql`ALTER TABLE ${name} ADD COLUMN channel text`.execute(db);
        await sql`ALTER TABLE ${name} ALTER COLUMN channel SET DEFAULT 'web'`.execute(db);
      },
    },
    '9002-channel-index': {
      isNonTransactional: true,
      up: (db) => createIndexConcurrently(db, index, sql`ON ${name} (channel)`),
    },
    ...(!isAppendOnly && {
      '9003-channel-of-all': {
        isNonTransactional: true,
        async up(db) {
          for (let changed = STEP; changed === STEP;) {
            const { numAffectedRows } = await sql`
              UPDATE ${name} SET channel = 'web' WHERE ${id} IN (
                SELECT ${id} FROM ${name} WHERE channel IS NULL LIMIT ${sql.lit(STEP)}
                FOR UPDATE SKIP LOCKED)`.execute(db);
            changed = Number(numAffectedRows ?? 0);
          }
        },
      },
      '9004-channel-given': {
        async up(db) {
          await sql`
            ALTER TABLE ${name} ADD CONSTRAINT channel_given
            CHECK (channel IS NOT NULL) NOT VALID`.execute(db);
        },
      },
      '9005-channel-given-by-all': {
        async up(db) {
          await sql`ALTER TABLE ${name} VALIDATE CONSTRAINT channel_given`.execute(db);
        },
      },
    }),
    '9006-channel-for-good': {
      contract: { safeFrom: 'the next version' },
      async up(db) {
        await sql`ALTER TABLE ${name} ALTER COLUMN channel DROP DEFAULT`.execute(db);
        // Nobody reads by it any more.
        await sql`DROP INDEX ${sql.ref(index)}`.execute(db);
        if (isAppendOnly) return;
        await sql`ALTER TABLE ${name} DROP CONSTRAINT channel_given`.execute(db);
      },
    },
  };
}
