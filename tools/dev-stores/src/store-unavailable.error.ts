/**
 * A store did not start, or the one that was named does not answer.
 *
 * `message` is a single line fit to be printed as the only output. It never contains a password.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code = 'store_unavailable';
}
