export { CursorInvalid, decodeCursor, encodeCursor } from './cursor';
export type { Cursor } from './cursor';
export { createDatabase } from './database';
export type { Database, DatabaseOptions } from './database';
export { DatabaseUnavailable } from './database-unavailable.error';
export { parsePageRequest, toPage } from './page';
export type { Page, PageRequest } from './page';
export { PageRequestInvalid } from './page-request-invalid.error';
export type { PageRequestInvalidCode } from './page-request-invalid.error';
export { missingMigrations } from './migrations/applied-migrations';
export { faultsOfMigrations } from './migrations/check-migrations';
export { createIndexConcurrently } from './migrations/concurrent-index';
export { migrateToLatest } from './migrations/migrate';
export type { MigrateOptions, MigrationOutcome } from './migrations/migrate';
export { runMigrationCommand } from './migrations/migration-command';
export type { MigrationCommand } from './migrations/migration-command';
export { MigrationFailed } from './migrations/migration-failed.error';
export {
  assertSchema,
  MIGRATION_MODES,
  prepareSchema,
  SchemaBehind,
} from './migrations/prepare-schema';
export type { MigrationMode, SchemaCheck } from './migrations/prepare-schema';
export type { SchemaMigration, SchemaMigrations } from './migrations/schema-migration';
export { isUnavailability } from './unavailability';
