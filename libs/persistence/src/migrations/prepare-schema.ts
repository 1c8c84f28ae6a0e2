import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../database';
import { DatabaseUnavailable } from '../database-unavailable.error';
import { missingMigrations } from './applied-migrations';
import { migrateToLatest } from './migrate';
import type { SchemaMigrations } from './schema-migration';

/** Who brings the schema up to date: the service when it starts, or somebody else before that. */
export const MIGRATION_MODES = ['apply', 'require'] as const;
export type MigrationMode = (typeof MIGRATION_MODES)[number];

/** As operations listeners take it. */
export interface SchemaCheck {
  readonly name: 'schema';
  /** Rejects while the schema is behind. */
  check(): Promise<void>;
}

export interface PrepareSchemaOptions<Tables> {
  readonly mode: MigrationMode;
  readonly database: Pick<Database<Tables>, 'db'>;
  readonly migrations: SchemaMigrations;
  /** Opened when the service has to wait, closed before it goes on: tells the platform that it lives and is not ready. */
  readonly standIn: (check: SchemaCheck) => Promise<{ close(): unknown }>;
  readonly logger: { warn(fields: { readonly event: string; readonly detail: string }): void };
  /** How often a schema that is behind is looked at again, in milliseconds; a second unless given. */
  readonly pollMs?: number;
}

/**
 * Resolves once the schema has what the service needs. With `apply` it is brought up to date here; with `require` nothing is
 * changed, and somebody else's migrations are waited for without end. A schema that is ahead is fine with both.
 *
 * @throws MigrationFailed, DatabaseUnavailable with `apply` only
 */
export async function prepareSchema<Tables>(options: PrepareSchemaOptions<Tables>): Promise<void> {
  const { mode, database, migrations, standIn, logger, pollMs = 1_000 } = options;
  if (mode === 'apply') {
    await migrateToLatest(database.db, migrations);
    return;
  }
  const lookUp = () => assertSchema(database, migrations);
  const first = await refusalOf(lookUp);
  if (first === undefined) return;
  logger.warn({ event: 'waiting_for_schema', detail: first.message });
  const waiting = await standIn({ name: 'schema', check: lookUp });
  try {
    while ((await refusalOf(lookUp)) !== undefined) await delay(pollMs);
  } finally {
    await waiting.close();
  }
}

/** The schema does not have everything that the service needs. */
export class SchemaBehind extends Error {
  override readonly name = 'SchemaBehind';
  readonly code = 'schema_behind';
}

/**
 * Changes nothing.
 *
 * @throws SchemaBehind naming what is missing
 * @throws DatabaseUnavailable
 */
export async function assertSchema<Tables>(
  { db }: Pick<Database<Tables>, 'db'>,
  migrations: SchemaMigrations,
): Promise<void> {
  const missing = await missingMigrations(db, migrations);
  if (missing.length > 0) {
    throw new SchemaBehind(`these migrations have not been applied: ${missing.join(', ')}`);
  }
}

/** Why it is to be waited; what is neither a schema behind nor a database away is a defect, and thrown. */
async function refusalOf(lookUp: () => Promise<void>): Promise<Error | undefined> {
  try {
    await lookUp();
    return undefined;
  } catch (error) {
    if (error instanceof SchemaBehind || error instanceof DatabaseUnavailable) return error;
    throw error;
  }
}
