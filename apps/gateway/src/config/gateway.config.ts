import { fields, readConfiguration, type Environment } from '@sallyport/configuration';
import { z } from 'zod';
import { PUBLIC_LIMITS } from '../listener/listener-limits';
import { addressRanges, forwardingHeader } from './forwarding.fields';
import { origins } from './origins.field';

const schema = z.object({
  /** Holds the workload's `tls.crt`, `tls.key` and `ca.crt`. */
  SVID_DIR: fields.directory(),
  TRUST_DOMAIN: fields.trustDomain().default('sallyport.internal'),
  WORKLOAD_NAMESPACE: fields.namespaceName().default('sallyport'),
  PUBLIC_LISTEN: fields.listenAddress(),
  /** Where plain HTTP is answered with 400 and credentials that come by are revoked; nowhere unless given. */
  PLAIN_LISTEN: fields.listenAddress().optional(),
  /** Holds `tls.crt` and `tls.key` of the public listener. */
  PUBLIC_TLS_DIR: fields.directory(),
  /** What clients call this gateway; the issuer of the access tokens it accepts and the only origin of its cookies. */
  PUBLIC_URL: fields.issuerUrl(),
  /** Other origins whose pages may read answers; none unless given. */
  CORS_ORIGINS: origins().default(new Set()),
  /** Origins of OAuth clients in browsers: as above, but not where cookies count; none unless given. */
  CORS_CLIENT_ORIGINS: origins().default(new Set()),
  /** Proxies in front whose word counts about where a request comes from; none unless given. */
  TRUSTED_PROXIES: addressRanges().default([]),
  /** The one header they write that in. */
  FORWARDING_HEADER: forwardingHeader().default('x-forwarded-for'),
  MAX_CONNECTIONS: fields.integer({ min: 1, max: 1_000_000 }).default(PUBLIC_LIMITS.connections),
  /** Behind a proxy every connection comes from its address. */
  MAX_CONNECTIONS_PER_ADDRESS: fields
    .integer({ min: 1, max: 1_000_000 })
    .default(PUBLIC_LIMITS.connectionsPerAddress),
  MAX_REQUESTS_IN_FLIGHT: fields
    .integer({ min: 1, max: 100_000 })
    .default(PUBLIC_LIMITS.requestsInFlight),
  /** How long the gateway goes on taking connections once it is not ready any more, for a load balancer to notice. */
  DRAIN_DELAY_SECONDS: fields.durationSeconds({ min: 0, max: 15 }).default(0),
  ACCESS_TOKEN_AUDIENCE: fields.text().default('https://api.sallyport.internal'),
  AUTH_GRPC_ADDRESS: fields.targetAddress(),
  AUTH_HTTPS_URL: fields.httpsUrl(),
  ORDERS_GRPC_ADDRESS: fields.targetAddress(),
  BILLING_GRPC_ADDRESS: fields.targetAddress(),
  /** The shared state the revocation feed is read from; holds a password. */
  REDIS_URL: fields.redisUrl(),
  /** The stated bound: within so many milliseconds a revocation is in force here, or no access token is accepted. */
  REVOCATION_BOUND_MS: fields.integer({ min: 1_000, max: 30_000 }).default(2_000),
  OPS_LISTEN: fields.listenAddress(),
  LOG_LEVEL: fields.logLevel().default('info'),
});

export type GatewayConfig = z.output<typeof schema>;

/** @throws ConfigurationError naming the first variable that is not as expected. */
export function readGatewayConfig(environment: Environment): GatewayConfig {
  return readConfiguration(schema, environment);
}
