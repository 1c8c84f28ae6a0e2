/**
 * The database cannot answer now: it is down, starting, out of connections, unreachable or too slow.
 *
 * Nothing is known of a statement that was under way: it may have taken effect. Callers refuse with
 * UNAVAILABLE or 503 and let whoever asked try again. The driver's own error is the `cause`.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  readonly code = 'database_unavailable';

  constructor(options?: ErrorOptions) {
    super('the database cannot answer now', options);
  }
}
