import { unsafeStatements } from './unsafe-statements';

const EXPAND = { isContract: false, isNonTransactional: false };
const CONTRACT = { ...EXPAND, isContract: true };
const APART = { ...EXPAND, isNonTransactional: true };

describe('unsafeStatements refuses', () => {
  it.each([
    ['drop of a table', 'DROP TABLE orders'],
    ['drop of a column', 'ALTER TABLE orders DROP COLUMN owner'],
    ['drop of a default', 'ALTER TABLE orders ALTER COLUMN note DROP DEFAULT'],
    ['rename', 'ALTER TABLE orders RENAME COLUMN owner TO customer'],
    ['rename', 'ALTER TABLE orders RENAME TO purchases'],
    ['change of a type', 'ALTER TABLE orders ALTER COLUMN amount TYPE numeric'],
    ['column that has to be given', 'ALTER TABLE orders ADD COLUMN note text NOT NULL'],
    [
      'column that has to be given',
      "ALTER TABLE orders ADD COLUMN a text DEFAULT '', ADD COLUMN b text NOT NULL",
    ],
    [
      'column that has to be given from now on',
      'ALTER TABLE orders ALTER COLUMN note SET NOT NULL',
    ],
    [
      'constraint that is validated in the same step',
      'ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0)',
    ],
    [
      'constraint that is validated in the same step',
      'ALTER TABLE orders ADD FOREIGN KEY (sku) REFERENCES products',
    ],
    ['key that is built', 'ALTER TABLE orders ADD CONSTRAINT one UNIQUE (owner)'],
    ['index that is built', 'CREATE INDEX orders_by_owner\n  ON orders (owner)'],
    ['index that is built', 'create unique index orders_by_owner on orders (owner)'],
    ['lock of a table', 'LOCK TABLE orders'],
    ['CONCURRENTLY in a transaction', 'CREATE INDEX CONCURRENTLY i ON orders (owner)'],
  ])('%s: %s', (fault, statement) => {
    expect(unsafeStatements([statement], EXPAND)).toEqual([expect.stringContaining(fault)]);
  });

  it.each([
    'ALTER TABLE orders RENAME COLUMN owner TO customer',
    'ALTER TABLE orders ALTER COLUMN amount TYPE numeric',
    'CREATE INDEX orders_by_owner ON orders (owner)',
  ])('of a contract too: %s', (statement) => {
    expect(unsafeStatements([statement], CONTRACT)).toHaveLength(1);
  });

  it('a constraint that is added and validated by one migration', () => {
    const statements = [
      'ALTER TABLE orders ADD CONSTRAINT given CHECK (note IS NOT NULL) NOT VALID',
      'ALTER TABLE orders VALIDATE CONSTRAINT given',
    ];
    expect(unsafeStatements(statements, EXPAND)).toHaveLength(1);
    for (const each of statements) expect(unsafeStatements([each], EXPAND)).toEqual([]);
  });
});

describe('unsafeStatements takes', () => {
  it.each([
    'ALTER TABLE orders ADD COLUMN note text',
    "ALTER TABLE orders ADD COLUMN note text NOT NULL DEFAULT 'NOT NULL, RENAME TO'",
    'ALTER TABLE orders ADD COLUMN id2 bigint GENERATED ALWAYS AS IDENTITY NOT NULL',
    'ALTER TABLE orders ALTER COLUMN note DROP NOT NULL',
    'ALTER TABLE orders ADD CONSTRAINT one UNIQUE USING INDEX orders_by_owner',
    "UPDATE orders SET note = '-- DROP TABLE orders'",
    'SELECT 1 -- DROP TABLE orders',
  ])('%s', (statement) => {
    expect(unsafeStatements([statement], EXPAND)).toEqual([]);
  });

  it('anything on a table that the migration makes', () => {
    const statements = [
      'CREATE TABLE notes (id int NOT NULL)',
      'CREATE INDEX notes_by_id ON notes (id)',
      'ALTER TABLE notes ADD CHECK (id > 0)',
    ];
    expect(unsafeStatements(statements, EXPAND)).toEqual([]);
    expect(unsafeStatements(statements.slice(1), EXPAND)).toHaveLength(2);
  });

  it('an index that is built concurrently outside of a transaction', () => {
    expect(unsafeStatements(['CREATE INDEX CONCURRENTLY i ON orders (owner)'], APART)).toEqual([]);
  });

  it.each([
    'ALTER TABLE orders DROP COLUMN owner',
    'DROP TABLE orders',
    'ALTER TABLE orders ALTER COLUMN note SET NOT NULL',
  ])('of a contract: %s', (statement) => {
    expect(unsafeStatements([statement], CONTRACT)).toEqual([]);
  });
});
