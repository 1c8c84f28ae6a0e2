import { postgresForTests } from '@sallyport/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Kysely, Migration } from 'kysely';
import { createDatabase } from '../database';
import type { Database } from '../database';
import { DatabaseUnavailable } from '../database-unavailable.error';
import { missingMigrations } from './applied-migrations';
import { createIndexConcurrently } from './concurrent-index';
import { migrateToLatest } from './migrate';
import { MigrationFailed } from './migration-failed.error';
import { lockMigrations } from './migration-lock';
import type { SchemaMigration } from './schema-migration';

jest.setTimeout(30_000);

const opened: Database<unknown>[] = [];
function open(url: string, statementTimeoutMs = 500): Database<unknown> {
  const database = createDatabase<unknown>({
    url,
    applicationName: 'spec',
    statementTimeoutMs,
  });
  opened.push(database);
  return database;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

function statement(text: string): Migration {
  return {
    async up(db) {
      await sql.raw(text).execute(db);
    },
  };
}

async function tables({ db }: Database<unknown>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_name NOT LIKE 'kysely%' ORDER BY 1`.execute(db);
  return rows.map(({ name }) => name);
}

describe('migrateToLatest refuses', () => {
  it('a migration that fails, says which, leaves nothing of it and keeps those before it', async () => {
    const database = open(await postgresForTests());
    const half = {
      async up(db: Kysely<unknown>) {
        await sql`CREATE TABLE second (id int)`.execute(db);
        await sql`CREATE TABLE third (id nonsense)`.execute(db);
      },
    };
    const first = statement('CREATE TABLE first (id int)');
    const refused = migrateToLatest(database.db, { '0001-first': first, '0002-second': half });
    await expect(refused).rejects.toThrow(MigrationFailed);
    await expect(refused).rejects.toThrow(
      'the migration 0002-second cannot be applied: type "nonsense" does not exist',
    );
    await expect(tables(database)).resolves.toEqual(['first']);
    const repaired = {
      '0001-first': first,
      '0002-second': statement('CREATE TABLE second (id int)'),
    };
    await expect(migrateToLatest(database.db, repaired)).resolves.toMatchObject({
      applied: ['0002-second'],
    });
  });

  it('a database that does not answer', async () => {
    const { db } = open('postgres://nobody@127.0.0.1:1/none');
    await expect(migrateToLatest(db, {})).rejects.toThrow(DatabaseUnavailable);
  });

  it('to wait for ever for another process that migrates', async () => {
    const database = open(await postgresForTests());
    const { db } = open(await postgresForTests());
    await database.db.connection().execute(async (connection) => {
      await lockMigrations(connection, 0);
      await migrateToLatest(db, {}, { waitMs: 0 });
      await expect(migrateToLatest(database.db, {}, { waitMs: 300 })).rejects.toThrow(
        /another process has been migrating/,
      );
    });
    await migrateToLatest(database.db, {}, { waitMs: 0 });
  });
});

describe('migrateToLatest', () => {
  it('runs what has not run yet, in the order of the names, once', async () => {
    const database = open(await postgresForTests());
    const second = statement('ALTER TABLE entries ADD COLUMN note text');
    const first = statement('CREATE TABLE entries (id int)');
    await migrateToLatest(database.db, { '0001-entries': first });
    await migrateToLatest(database.db, { '0002-note': second, '0001-entries': first });
    await migrateToLatest(database.db, { '0001-entries': first, '0002-note': second });
    await sql`INSERT INTO entries VALUES (1, 'x')`.execute(database.db);
  });

  it('runs once when replicas start together, even if it takes longer than a statement may', async () => {
    const url = await postgresForTests();
    let runs = 0;
    const slow: Migration = {
      async up(db) {
        runs += 1;
        await sql`CREATE TABLE entries (id int)`.execute(db);
        await sql`SELECT pg_sleep(1.5)`.execute(db);
      },
    };
    const replicas = Array.from({ length: 4 }, () => open(url));
    await Promise.all(replicas.map(({ db }) => migrateToLatest(db, { '0001-slow': slow })));
    expect(runs).toBe(1);
    for (const replica of replicas) await expect(tables(replica)).resolves.toEqual(['entries']);
  });

  it('leaves a database alone that a later version has migrated, and goes on where it is behind', async () => {
    const { db } = open(await postgresForTests());
    const first = statement('CREATE TABLE first (id int)');
    const third = statement('CREATE TABLE third (id int)');
    await migrateToLatest(db, { '0001-first': first, '0003-third': third });
    await expect(migrateToLatest(db, { '0001-first': first })).resolves.toEqual({
      applied: [],
      postponed: [],
      ahead: ['0003-third'],
    });
    // Written beside the third, merged after it.
    const second = statement('CREATE TABLE second (id int)');
    await expect(
      migrateToLatest(db, { '0001-first': first, '0002-second': second }),
    ).resolves.toEqual({ applied: ['0002-second'], postponed: [], ahead: ['0003-third'] });
  });

  it('keeps what takes something away for when it is told to, but not from a new database', async () => {
    const older = { '0001-entries': statement('CREATE TABLE entries (id int, old text)') };
    const newer = {
      ...older,
      '0002-without-old': {
        ...statement('ALTER TABLE entries DROP COLUMN old'),
        contract: { safeFrom: '0.2.0' },
      },
    };
    const { db } = open(await postgresForTests());
    await migrateToLatest(db, older);
    await expect(migrateToLatest(db, newer)).resolves.toMatchObject({
      applied: [],
      postponed: ['0002-without-old'],
    });
    await sql`INSERT INTO entries (id, old) VALUES (1, 'x')`.execute(db);
    await expect(missingMigrations(db, newer)).resolves.toEqual([]);
    await expect(migrateToLatest(db, newer, { contract: true })).resolves.toMatchObject({
      applied: ['0002-without-old'],
    });
    const { db: fresh } = open(await postgresForTests());
    const { applied } = await migrateToLatest(fresh, newer);
    expect(applied).toEqual(['0001-entries', '0002-without-old']);
  });

  it('stands in front of nobody while a lock is not to be had, and tries again', async () => {
    const url = await postgresForTests();
    const { db } = open(url);
    const first = { '0001-entries': statement('CREATE TABLE entries (id int)') };
    await migrateToLatest(db, first);
    const migrations = {
      ...first,
      '0002-note': statement('ALTER TABLE entries ADD COLUMN note text'),
    };
    const holder = open(url);
    let migrating: Promise<unknown> = Promise.resolve();
    await holder.db.transaction().execute(async (transaction) => {
      await sql`SELECT * FROM entries`.execute(transaction);
      await expect(migrateToLatest(db, migrations, { attempts: 1 })).rejects.toThrow(
        'the migration 0002-note cannot be applied: others hold what it has to lock, tried 1 times',
      );
      migrating = migrateToLatest(db, migrations);
      await delay(300);
      // Waits behind the migration, which gives way within a second.
      const { db: live } = open(url, 2_000);
      await sql`SELECT * FROM entries`.execute(live);
    });
    await migrating;
    await sql`INSERT INTO entries VALUES (1, 'x')`.execute(db);
  });

  it('goes on after a migrator that was killed', async () => {
    const url = await postgresForTests();
    const migrations = {
      '0001-slow': {
        async up(db: Kysely<unknown>) {
          await sql`CREATE TABLE entries (id int)`.execute(db);
          await sql`SELECT pg_sleep(${isKilled ? 0 : 30})`.execute(db);
        },
      },
    };
    let isKilled = false;
    const killed = migrateToLatest(open(url).db, migrations);
    killed.catch(() => undefined);
    const { db } = open(url);
    const waiting = delay(500).then(() => {
      isKilled = true;
      return migrateToLatest(db, migrations);
    });
    await delay(1_000);
    await sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()`.execute(
      db,
    );
    await expect(killed).rejects.toThrow(DatabaseUnavailable);
    await expect(waiting).resolves.toMatchObject({ applied: ['0001-slow'] });
  });

  it('builds an index beside statements that write, also after a build was interrupted', async () => {
    const database = open(await postgresForTests());
    const entries = { '0001-entries': statement('CREATE TABLE entries (id int)') };
    await migrateToLatest(database.db, entries);
    await sql`INSERT INTO entries VALUES (1), (1)`.execute(database.db);
    const unique: SchemaMigration = {
      isNonTransactional: true,
      up: (db) => createIndexConcurrently(db, 'one_entry', sql`ON entries (id)`),
    };
    // Leaves an index that is not valid.
    await expect(
      sql`CREATE UNIQUE INDEX CONCURRENTLY one_entry ON entries (id)`.execute(database.db),
    ).rejects.toThrow(/could not create unique index/);
    await migrateToLatest(database.db, { ...entries, '0002-index': unique });
    const { rows } = await sql<{ usable: boolean }>`
      SELECT indisvalid AS usable FROM pg_index WHERE indexrelid = 'one_entry'::regclass`.execute(
      database.db,
    );
    expect(rows).toEqual([{ usable: true }]);
  });

  it('leaves the limits of ordinary statements as they were', async () => {
    const { db } = open(await postgresForTests());
    await migrateToLatest(db, { '0001-slow': statement('SELECT pg_sleep(0.7)') });
    await expect(sql`SELECT pg_sleep(5)`.execute(db)).rejects.toThrow(DatabaseUnavailable);
  });
});
