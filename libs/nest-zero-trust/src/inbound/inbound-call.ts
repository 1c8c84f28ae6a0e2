import type { SpiffeId } from '@sallyport/workload-identity';

/** The headers or metadata of a call: unverified, lower-case names. */
export interface PresentedHeaders {
  readonly names: readonly string[];
  /** Every value under a name; a stack that joins repeated headers gives one with commas in it. */
  values(name: string): readonly string[];
}

/** A call to a handler behind mutual TLS, after its peer is known and before anything else is. */
export interface InboundCall {
  readonly transport: 'grpc' | 'http';
  /** `package.Service/Method` or `POST /orders`. */
  readonly target: string;
  /** Whose verified certificate the connection has. */
  readonly peer: SpiffeId;
  readonly isFromGateway: boolean;
  readonly headers: PresentedHeaders;
  readonly correlationId: string;
  /** The address of the connection. */
  readonly peerAddress: string | undefined;
}

const calls = new WeakMap<object, InboundCall>();

/** Attaches a call to its carrier: the Metadata of an rpc, the IncomingMessage of an HTTP request. */
export function attachInboundCall(carrier: object, call: InboundCall): void {
  calls.set(carrier, call);
}

/** The call that came with a carrier; undefined when it did not pass this library's listener. */
export function inboundCallOf(carrier: object): InboundCall | undefined {
  return calls.get(carrier);
}
