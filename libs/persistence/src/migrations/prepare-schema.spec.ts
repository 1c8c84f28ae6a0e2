import { postgresForTests } from '@sallyport/testing';
import { sql, type Migration } from 'kysely';
import { createDatabase, type Database } from '../database';
import { migrateToLatest } from './migrate';
import {
  prepareSchema,
  SchemaBehind,
  type MigrationMode,
  type SchemaCheck,
} from './prepare-schema';

jest.setTimeout(30_000);

const first: Migration = {
  async up(db) {
    await sql`CREATE TABLE first (id int)`.execute(db);
  },
};
const second: Migration = {
  async up(db) {
    await sql`CREATE TABLE second (id int)`.execute(db);
  },
};
const migrations = { '0001-first': first, '0002-second': second };

const opened: Database<unknown>[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

function open(url: string): Database<unknown> {
  const database = createDatabase<unknown>({ url, applicationName: 'spec' });
  opened.push(database);
  return database;
}

/** A service that prepares its schema, and what it does meanwhile. */
function prepare(database: Pick<Database<unknown>, 'db'>, mode: MigrationMode, pollMs = 20) {
  const seen: string[] = [];
  let check: SchemaCheck | undefined;
  const prepared = prepareSchema({
    ...{ mode, database, migrations, pollMs },
    logger: { warn: ({ event, detail }) => void seen.push(`${event}: ${detail}`) },
    standIn: (given) => {
      check = given;
      seen.push('standing in');
      return Promise.resolve({ close: () => void seen.push('closed') });
    },
  });
  return { prepared, seen, check: () => check?.check() };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('prepareSchema', () => {
  it('applies what is missing, and opens nothing for it', async () => {
    const database = open(await postgresForTests());
    const { prepared, seen } = prepare(database, 'apply');
    await prepared;
    expect(seen).toEqual([]);
    await sql`SELECT FROM second`.execute(database.db);
  });

  it('waits where somebody else migrates, changes nothing, and goes on without a restart', async () => {
    const database = open(await postgresForTests());
    await migrateToLatest(database.db, { '0001-first': first });
    const { prepared, seen, check } = prepare(database, 'require');
    await until(() => seen.length === 2);
    expect(seen).toEqual([
      'waiting_for_schema: these migrations have not been applied: 0002-second',
      'standing in',
    ]);
    await expect(check()).rejects.toThrow(SchemaBehind);
    await expect(sql`SELECT FROM second`.execute(database.db)).rejects.toThrow(/does not exist/);

    await migrateToLatest(database.db, migrations);
    await prepared;
    await check();
    expect(seen).toHaveLength(3);
    expect(seen.at(-1)).toBe('closed');
  });

  it('takes a schema that is ahead', async () => {
    const database = open(await postgresForTests());
    const third = { up: async () => undefined };
    await migrateToLatest(database.db, { ...migrations, '0003-third': third });
    const { prepared, seen } = prepare(database, 'require');
    await prepared;
    expect(seen).toEqual([]);
  });

  it('waits for a database that is away as well', async () => {
    const isThere = open(await postgresForTests());
    await migrateToLatest(isThere.db, migrations);
    const isAway = open('postgres://nobody@127.0.0.1:1/none');
    let db = isAway.db;
    const database = {
      get db() {
        return db;
      },
    };
    const { prepared, seen } = prepare(database, 'require');
    await until(() => seen.includes('standing in'));
    expect(seen[0]).toMatch(/^waiting_for_schema: the database cannot answer/);
    db = isThere.db;
    await prepared;
  });
});
