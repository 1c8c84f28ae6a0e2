/** Handlers that do not say, or say in contradiction, who may call them. Stops the boot. */
export class UndeclaredHandlerError extends Error {
  override readonly name = 'UndeclaredHandlerError';
  readonly code = 'handler_undeclared';

  /** @param problems one clause a handler, each beginning with its name */
  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}
