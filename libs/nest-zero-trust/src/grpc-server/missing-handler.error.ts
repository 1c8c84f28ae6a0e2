/** A generated definition and the handlers of an application do not match. Stops the boot. */
export class MissingHandlerError extends Error {
  override readonly name = 'MissingHandlerError';
  readonly code = 'handler_missing';
}
