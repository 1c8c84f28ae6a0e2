import { ConfigurationError, fields, readConfiguration } from '@sallyport/configuration';
import type { Environment } from '@sallyport/configuration';
import { z } from 'zod';
import { createDatabase } from '../database';
import { DatabaseUnavailable } from '../database-unavailable.error';
import { missingMigrations } from './applied-migrations';
import { migrateToLatest } from './migrate';
import { MigrationFailed } from './migration-failed.error';
import type { SchemaMigrations } from './schema-migration';

export interface MigrationCommand {
  /** The service whose schema it is. */
  readonly service: string;
  readonly migrations: SchemaMigrations;
  readonly environment: Environment;
  readonly arguments: readonly string[];
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

const schema = z.object({ DATABASE_URL: fields.databaseUrl() });

const USAGE = [
  'usage:',
  '  migrate.js             applies what has not been applied, but nothing that takes something away',
  '  migrate.js --contract  applies that too: once every replica runs the version that is named with it, or a later one',
  '  migrate.js --check     changes nothing; the exit code is 3 when the service could not work with the schema',
];

/** Exit codes: 0 done, 1 failed, 2 not written as the usage says, 3 the schema is behind. */
export async function runMigrationCommand(command: MigrationCommand): Promise<number> {
  const { service, environment, complain } = command;
  const [option, ...rest] = command.arguments;
  if (rest.length > 0 || !['--contract', '--check', undefined].includes(option)) {
    for (const line of USAGE) complain(line);
    return 2;
  }
  try {
    const { DATABASE_URL: url } = readConfiguration(schema, environment);
    const database = createDatabase({ url, applicationName: `${service} migrate`, poolSize: 1 });
    try {
      return option === '--check'
        ? await check(command, database.db)
        : await apply(command, database.db, option === '--contract');
    } finally {
      await database.close();
    }
  } catch (error) {
    complain(`${service}: ${readable(error)}`);
    return 1;
  }
}

type AnyDatabase = Parameters<typeof migrateToLatest>[0];

async function apply(
  { service, migrations, print }: MigrationCommand,
  db: AnyDatabase,
  contract: boolean,
): Promise<number> {
  const { applied, postponed, ahead } = await migrateToLatest(db, migrations, { contract });
  for (const name of applied) print(`${service}: applied ${name}`);
  for (const name of postponed) {
    const from = migrations[name]?.contract?.safeFrom ?? '?';
    print(`${service}: left ${name} for --contract, once every replica runs ${from} or later`);
  }
  for (const name of ahead) print(`${service}: a later version has applied ${name}`);
  print(`${service}: the schema has what this version needs`);
  return 0;
}

async function check(
  { service, migrations, print }: MigrationCommand,
  db: AnyDatabase,
): Promise<number> {
  const missing = await missingMigrations(db, migrations);
  for (const name of missing) print(`${service}: ${name} has not been applied`);
  if (missing.length > 0) return 3;
  print(`${service}: the schema has what this version needs`);
  return 0;
}

/** One line for what an operator can do something about, the stack for a defect. */
function readable(error: unknown): string {
  const isForPeople =
    error instanceof ConfigurationError ||
    error instanceof DatabaseUnavailable ||
    error instanceof MigrationFailed;
  if (isForPeople) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
