/** A gRPC status that is ready to be sent: nothing in it is for the log. */
export class WireStatus {
  constructor(
    readonly code: number,
    readonly details: string,
  ) {}
}
