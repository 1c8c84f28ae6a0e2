import { postgresForTests } from '@sallyport/testing';
import { sql } from 'kysely';
import type { Migration } from 'kysely';
import { createDatabase } from './database';
import type { Database } from './database';
import { DatabaseUnavailable } from './database-unavailable.error';
import { MigrationFailed, migrateToLatest } from './migrate';

jest.setTimeout(30_000);

const opened: Database<unknown>[] = [];
function open(url: string): Database<unknown> {
  const database = createDatabase<unknown>({
    url,
    applicationName: 'spec',
    statementTimeoutMs: 500,
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
  it('a migration that fails, and leaves nothing of any of them behind', async () => {
    const database = open(await postgresForTests());
    const migrations = {
      '0001-first': statement('CREATE TABLE first (id int)'),
      '0002-second': statement('CREATE TABLE second (id nonsense)'),
    };
    const refused = migrateToLatest(database.db, migrations);
    await expect(refused).rejects.toThrow(MigrationFailed);
    await expect(refused).rejects.toThrow(
      'the migration 0002-second cannot be applied: type "nonsense" does not exist',
    );
    await expect(tables(database)).resolves.toEqual([]);
  });

  it('a database that is ahead of what is given', async () => {
    const database = open(await postgresForTests());
    const first = statement('CREATE TABLE first (id int)');
    await migrateToLatest(database.db, {
      '0001-first': first,
      '0002-second': statement('SELECT 1'),
    });
    await expect(migrateToLatest(database.db, { '0001-first': first })).rejects.toThrow(
      /the migrations cannot be applied: .*0002-second is missing/,
    );
  });

  it('a database that does not answer', async () => {
    const { db } = open('postgres://nobody@127.0.0.1:1/none');
    await expect(migrateToLatest(db, {})).rejects.toThrow(DatabaseUnavailable);
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

  it('leaves the limits of ordinary statements as they were', async () => {
    const { db } = open(await postgresForTests());
    await migrateToLatest(db, { '0001-slow': statement('SELECT pg_sleep(0.7)') });
    await expect(sql`SELECT pg_sleep(5)`.execute(db)).rejects.toThrow(DatabaseUnavailable);
  });
});
