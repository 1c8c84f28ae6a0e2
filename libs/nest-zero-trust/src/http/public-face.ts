import type { IncomingMessage } from 'node:http';
import type { HandledCalls, Logger, SecurityEvents } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';

/** What a public HTTP face decides by, and where its decisions leave a trace. */
export interface PublicFace {
  readonly events: SecurityEvents;
  readonly calls: HandledCalls;
  readonly logger: Logger;
  /** Of the `WWW-Authenticate` challenges. */
  readonly realm: string;
  /** The `client_id` of those who sign in themselves: what other clients were given is no session of a person. */
  readonly ownClientId: string;
  /** What proofs may be signed with, where access tokens under the scheme `DPoP` are taken as well (RFC 9449). */
  readonly dpopAlgorithms?: readonly string[];
  /**
   * Authentication context classes, the weakest first: whoever meets one meets those before it. A handler that declares
   * `@RequireAuthentication` with any other keeps the application from starting.
   */
  readonly authenticationClasses?: readonly string[];
  /** Measures how long ago a user authenticated; the system's when left out. */
  readonly clock?: Clock;
  /** Where a request comes from, behind proxies; where its connection does when left out. */
  readonly clientAddressOf?: (request: IncomingMessage) => string;
}

/** Binds the PublicFace of an application. */
export const PUBLIC_FACE = Symbol('sallyport:public-face');
