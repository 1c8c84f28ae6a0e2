import type { ReadsOwnEvents, ReadsSecurityEvents } from '@sallyport/audit';
import type { RpcTransport } from '@sallyport/contracts';
import type { HandledCalls, Logger, SecurityEvents } from '@sallyport/observability';
import type { Clock, VerifiesAccessTokens } from '@sallyport/tokens';
import type { Authenticator } from './authentication/authenticator';
import type { RemembersProofs } from './dpop/proof-memory';
import type { RequestMetrics } from './listener/request-metrics';
import type { KnownCredentials } from './rate-limits/known-credentials';
import type { RateLimits } from './rate-limits/rate-limits';
import type { ReachesAuthorizationServer } from './oauth/authorization-server';
import type { TransactionTokens } from './upstream/upstream';
import type { PublishesKeys } from './well-known/well-known.controller';

/** What the gateway stands on. */
export interface GatewayPorts {
  /** The one origin clients reach this gateway at, and the issuer of the tokens it takes. */
  readonly publicUrl: string;
  /** Other origins whose pages may read its answers; none unless given. */
  readonly allowedOrigins?: ReadonlySet<string>;
  /** Origins of OAuth clients in browsers, whose pages may read the answers to their own tokens; none unless given. */
  readonly clientOrigins?: ReadonlySet<string>;
  readonly accessTokens: VerifiesAccessTokens;
  /** Of the proofs that come with key-bound tokens. */
  readonly proofMemory: RemembersProofs;
  /** For the credentials that are no access tokens, in the order in which they are asked. */
  readonly authenticators: readonly Authenticator[];
  readonly issuerKeys: PublishesKeys;
  readonly authorizationServer: ReachesAuthorizationServer;
  readonly transactionTokens: TransactionTokens;
  readonly transports: GatewayTransports;
  readonly rateLimits: RateLimits;
  /** Told of every revocation by whoever starts the gateway. */
  readonly knownCredentials: KnownCredentials;
  readonly events: SecurityEvents;
  /** The gateway's own, to be read again. */
  readonly securityEvents: ReadsSecurityEvents;
  /** The same, for the owners of accounts. */
  readonly ownEvents: ReadsOwnEvents;
  readonly calls: HandledCalls;
  readonly requests: RequestMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** A transport to each service behind the gateway. */
export interface GatewayTransports {
  readonly auth: RpcTransport;
  readonly orders: RpcTransport;
  readonly billing: RpcTransport;
}
