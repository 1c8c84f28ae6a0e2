import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import { inOrder, type SchemaMigration, type SchemaMigrations } from './schema-migration';
import { unsafeStatements } from './unsafe-statements';

export interface CheckMigrationsOptions {
  /** Names that are not looked at: applied everywhere before there was a version beside which they had to be safe. */
  readonly grandfathered: readonly string[];
  /** Versions that were released; what a contract is safe from is one of them. */
  readonly releases: readonly string[];
}

/**
 * What of the migrations is not safe to apply while an earlier version of the service runs, a line each. Runs each migration
 * against nothing and looks at the statements it would send; a statement reads no rows there.
 */
export async function faultsOfMigrations(
  migrations: SchemaMigrations,
  { grandfathered, releases }: CheckMigrationsOptions,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const name of grandfathered) {
    if (!Object.hasOwn(migrations, name)) faults.push(`${name}: is not there any more`);
  }
  for (const name of inOrder(migrations)) {
    const migration = migrations[name];
    if (migration === undefined || grandfathered.includes(name)) continue;
    for (const fault of await faultsOf(migration, releases)) faults.push(`${name}: ${fault}`);
  }
  return faults;
}

async function faultsOf(
  migration: SchemaMigration,
  releases: readonly string[],
): Promise<readonly string[]> {
  const { contract, isNonTransactional = false } = migration;
  const faults = unsafeStatements(await statementsOf(migration), {
    isContract: contract !== undefined,
    isNonTransactional,
  });
  if (contract === undefined || releases.includes(contract.safeFrom)) return faults;
  return [
    ...faults,
    `contract safe from ${contract.safeFrom}, which was not released: it goes into a later release than what it waits for`,
  ];
}

async function statementsOf(migration: SchemaMigration): Promise<readonly string[]> {
  const statements: string[] = [];
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (each) => new PostgresIntrospector(each),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log: ({ query }) => {
      statements.push(query.sql);
    },
  });
  await migration.up(db);
  return statements;
}
