import type { RpcStatus } from '@sallyport/contracts';

/**
 * A service's decision not to do what was asked. Travels as the gRPC status with `reason` as its
 * message, with the seconds to wait where they are known; `detail` and `cause` go to the log and nowhere else.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** Whole seconds after which the same may be asked again. */
  readonly retryAfterSeconds: number | undefined;

  /** @param reason stable id, 1 to 64 of `a-z`, `0-9`, `_` */
  constructor(
    readonly status: RpcStatus,
    readonly reason: string,
    readonly detail?: string,
    options: ErrorOptions & { readonly retryAfterSeconds?: number | undefined } = {},
  ) {
    super(`${status}: ${reason}`, options);
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
