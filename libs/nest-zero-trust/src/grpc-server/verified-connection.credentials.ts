import { ServerCredentials, type ServerInterceptor } from '@grpc/grpc-js';

/**
 * For connections that are handed to a grpc-js server after a MutualTlsListener has ended their TLS:
 * grpc-js itself encrypts and listens to nothing. The interceptors see every call.
 */
export class VerifiedConnectionCredentials extends ServerCredentials {
  readonly #interceptors: readonly ServerInterceptor[];

  constructor(interceptors: readonly ServerInterceptor[]) {
    super(null);
    this.#interceptors = interceptors;
  }

  override _getInterceptors(): ServerInterceptor[] {
    return [...this.#interceptors];
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}
