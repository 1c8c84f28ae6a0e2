import type { IncomingHttpHeaders } from 'node:http';

export const AUTHORIZATION_SERVER = Symbol('ReachesAuthorizationServer');

/** A request as the authorization server gets it: made by the gateway of what it lets through, and of nothing else. */
export interface ForwardedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface ForwardedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The authorization server, over mutual TLS. */
export interface ReachesAuthorizationServer {
  /** Rejects when it does not answer in time. */
  forward(request: ForwardedRequest): Promise<ForwardedAnswer>;
}
