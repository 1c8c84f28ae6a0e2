import type { Migration } from 'kysely';

/** What is done to a schema once, beside a version of the service that runs and knows nothing of it. */
export interface SchemaMigration extends Migration {
  /**
   * Given for one that takes away what an earlier version of the service uses. It is applied by `migrate.js --contract` only, when
   * nothing older than `safeFrom` runs any more; the service itself works with it and without it.
   */
  readonly contract?: { readonly safeFrom: string };
  /**
   * Whether its statements run outside of a transaction, as `CREATE INDEX CONCURRENTLY` must. It may be run again after it was
   * interrupted anywhere.
   */
  readonly isNonTransactional?: boolean;
}

/** All of a service's by name. They are applied in the order of the names; numbers may be missing. */
export type SchemaMigrations = Readonly<Record<string, SchemaMigration>>;

/** The names in the order in which they are applied. */
export function inOrder(migrations: SchemaMigrations): readonly string[] {
  return Object.keys(migrations).sort();
}
