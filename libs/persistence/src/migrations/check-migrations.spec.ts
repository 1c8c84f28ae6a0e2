import { sql, type Kysely } from 'kysely';
import { faultsOfMigrations } from './check-migrations';
import { createIndexConcurrently } from './concurrent-index';
import type { SchemaMigrations } from './schema-migration';

const doing = (text: string) => ({
  async up(db: Kysely<unknown>) {
    await sql.raw(text).execute(db);
  },
});
const migrations: SchemaMigrations = {
  '0001-entries': doing('ALTER TABLE entries RENAME TO notes'),
  '0002-note': doing('ALTER TABLE entries ADD COLUMN note text'),
  '0003-index': {
    isNonTransactional: true,
    up: (db) => createIndexConcurrently(db, 'by_note', sql`ON entries (note)`),
  },
  '0004-without-old': {
    ...doing('ALTER TABLE entries DROP COLUMN old'),
    contract: { safeFrom: '0.2.0' },
  },
};
const known = { grandfathered: ['0001-entries'], releases: ['0.1.0', '0.2.0'] };

describe('faultsOfMigrations', () => {
  it('names each statement that an earlier version may not survive', async () => {
    const careless = {
      ...migrations,
      '0005-index': doing('CREATE INDEX by_old ON entries (old)'),
      '0006-drop': doing('DROP TABLE entries'),
    };
    const faults = await faultsOfMigrations(careless, known);
    expect(faults).toEqual([
      expect.stringMatching(/^0005-index: index that is built while nobody may write/),
      '0006-drop: drop of a table: declare a contract',
    ]);
  });

  it('names what was grandfathered and is gone', async () => {
    const grandfathered = ['0000-first', ...known.grandfathered];
    const faults = await faultsOfMigrations(migrations, { ...known, grandfathered });
    expect(faults).toEqual(['0000-first: is not there any more']);
  });

  it('takes a contract once what it waits for was released', async () => {
    await expect(faultsOfMigrations(migrations, known)).resolves.toEqual([]);
    const faults = await faultsOfMigrations(migrations, { ...known, releases: ['0.1.0'] });
    expect(faults).toEqual([
      expect.stringMatching(
        /^0004-without-old: contract safe from 0\.2\.0, which was not released/,
      ),
    ]);
  });
});
