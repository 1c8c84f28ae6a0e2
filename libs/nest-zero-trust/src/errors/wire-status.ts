import type { Metadata } from '@grpc/grpc-js';

/** A gRPC status that is ready to be sent: nothing in it is for the log. */
export class WireStatus extends Error {
  override readonly name = 'WireStatus';

  /** Trailers. */
  readonly metadata?: Metadata;

  constructor(
    readonly code: number,
    readonly details: string,
    trailers?: Metadata,
  ) {
    super(details);
    if (trailers) this.metadata = trailers;
  }
}
