/** A gRPC status that is ready to be sent: nothing in it is for the log. */
export class WireStatus extends Error {
  override readonly name = 'WireStatus';

  constructor(
    readonly code: number,
    readonly details: string,
  ) {
    super(details);
  }
}
