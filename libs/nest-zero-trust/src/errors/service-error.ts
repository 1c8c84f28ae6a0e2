import type { RpcStatus } from '@sallyport/contracts';

/**
 * A service's decision not to do what was asked. Travels as the gRPC status with `reason` as its
 * message; `detail` and `cause` go to the log and nowhere else.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  /** @param reason stable id, 1 to 64 of `a-z`, `0-9`, `_` */
  constructor(
    readonly status: RpcStatus,
    readonly reason: string,
    readonly detail?: string,
    options?: ErrorOptions,
  ) {
    super(`${status}: ${reason}`, options);
  }
}
