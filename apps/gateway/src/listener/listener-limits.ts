import type { ServerOptions } from 'node:http';

/** How much a listener lets its clients take. Times are in milliseconds. */
export interface ListenerLimits {
  /** Open connections, those still in their handshake included. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Requests that are being answered at one time. */
  readonly requestsInFlight: number;
  readonly requestsInFlightPerAddress: number;
  readonly requestsPerConnection: number;
  /** Bytes of the request line and all headers. */
  readonly headBytes: number;
  readonly handshakeMs: number;
  /** From the first byte of a request, or from the handshake, to the end of its headers. */
  readonly headMs: number;
  /** To the end of its body. */
  readonly requestMs: number;
  /** From the end of its head to the last byte of its answer, however slowly that is read. */
  readonly answerMs: number;
  /** Between two requests of a connection. */
  readonly keepAliveMs: number;
  /** With no byte moving either way: a client that does not read its answer. */
  readonly stalledMs: number;
  /** How often the times are looked at. */
  readonly lookEveryMs: number;
}

export const PUBLIC_LIMITS: ListenerLimits = {
  connections: 10_000,
  connectionsPerAddress: 250,
  requestsInFlight: 1_000,
  requestsInFlightPerAddress: 100,
  requestsPerConnection: 1_000,
  headBytes: 16 * 1024,
  handshakeMs: 10_000,
  headMs: 10_000,
  requestMs: 20_000,
  answerMs: 90_000,
  keepAliveMs: 10_000,
  stalledMs: 30_000,
  lookEveryMs: 1_000,
};

/** The same in the words of Node's HTTP servers. */
export function httpServerOptions(limits: ListenerLimits): ServerOptions {
  return {
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.headMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.lookEveryMs,
    // Node would answer by itself, without the headers every response has to carry.
    requireHostHeader: false,
    insecureHTTPParser: false,
  };
}
