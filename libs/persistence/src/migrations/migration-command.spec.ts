import { postgresForTests } from '@sallyport/testing';
import { sql } from 'kysely';
import { runMigrationCommand } from './migration-command';
import type { SchemaMigrations } from './schema-migration';

jest.setTimeout(30_000);

const doing = (text: string) => ({
  up: async (db: Parameters<SchemaMigrations[string]['up']>[0]) => {
    await sql.raw(text).execute(db);
  },
});
const older = { '0001-entries': doing('CREATE TABLE entries (id int, old text)') };
const newer = {
  ...older,
  '0002-note': doing('ALTER TABLE entries ADD COLUMN note text'),
  '0003-without-old': {
    ...doing('ALTER TABLE entries DROP COLUMN old'),
    contract: { safeFrom: '0.2.0' },
  },
};

async function run(
  migrations: SchemaMigrations,
  url: string | undefined,
  ...options: readonly string[]
) {
  const output: string[] = [];
  const exitCode = await runMigrationCommand({
    service: 'spec',
    migrations,
    environment: { DATABASE_URL: url },
    arguments: options,
    print: (line) => void output.push(line),
    complain: (line) => void output.push(line),
  });
  return { exitCode, output };
}

it.each([
  [['--everything'], 2, 'usage:'],
  [['--check', '--contract'], 2, 'usage:'],
  [[], 1, 'spec: DATABASE_URL: expected'],
])('refuses %j without a database', async (options, code, line) => {
  const { exitCode, output } = await run(newer, undefined, ...options);
  expect(exitCode).toBe(code);
  expect(output[0]).toContain(line);
});

it('says which migration failed, in one line', async () => {
  const broken = { ...older, '0002-broken': doing('ALTER TABLE nothing ADD COLUMN note text') };
  expect(await run(broken, await postgresForTests())).toEqual({
    exitCode: 1,
    output: [
      'spec: the migration 0002-broken cannot be applied: relation "nothing" does not exist',
    ],
  });
});

it('checks, expands, and contracts when it is told to', async () => {
  const url = await postgresForTests();
  const done = 'spec: the schema has what this version needs';
  expect(await run(older, url)).toEqual({
    exitCode: 0,
    output: ['spec: applied 0001-entries', done],
  });
  expect(await run(newer, url, '--check')).toEqual({
    exitCode: 3,
    output: ['spec: 0002-note has not been applied'],
  });
  expect(await run(newer, url)).toEqual({
    exitCode: 0,
    output: [
      'spec: applied 0002-note',
      'spec: left 0003-without-old for --contract, once every replica runs 0.2.0 or later',
      done,
    ],
  });
  expect(await run(newer, url, '--check')).toEqual({ exitCode: 0, output: [done] });
  expect(await run(newer, url, '--contract')).toEqual({
    exitCode: 0,
    output: ['spec: applied 0003-without-old', done],
  });
  expect(await run(older, url)).toEqual({
    exitCode: 0,
    output: [
      'spec: a later version has applied 0002-note',
      'spec: a later version has applied 0003-without-old',
      done,
    ],
  });
});
