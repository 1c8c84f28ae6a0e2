/** A migration could not be applied. What it would have done has not been done; what came before it stays. */
export class MigrationFailed extends Error {
  override readonly name = 'MigrationFailed';
  readonly code = 'migration_failed';
}
