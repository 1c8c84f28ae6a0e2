export { CursorInvalid, decodeCursor, encodeCursor } from './cursor';
export type { Cursor } from './cursor';
export { createDatabase } from './database';
export type { Database, DatabaseOptions } from './database';
export { DatabaseUnavailable } from './database-unavailable.error';
export { MigrationFailed, migrateToLatest } from './migrate';
export { isUnavailability } from './unavailability';
