import {
  ConfigurationError,
  fields,
  identityOriginOf,
  identitySettings,
  readConfiguration,
  requireRedisTls,
  traceFields,
  type Environment,
} from '@sallyport/configuration';
import { MIGRATION_MODES } from '@sallyport/persistence';
import { z } from 'zod';
import { PUBLIC_LIMITS } from '../listener/listener-limits';
import { addressRanges, forwardingHeader } from './forwarding.fields';
import { origins } from './origins.field';
import { rateLimitScale } from './rate-limit.fields';

const schema = z.object({
  ...identitySettings,
  TRUST_DOMAIN: fields.trustDomain().default('sallyport.internal'),
  WORKLOAD_NAMESPACE: fields.namespaceName().default('sallyport'),
  PUBLIC_LISTEN: fields.listenAddress(),
  /** Where plain HTTP is answered with 400 and credentials that come by are revoked; nowhere unless given. */
  PLAIN_LISTEN: fields.listenAddress().optional(),
  /** Where partners connect with their certificates; nowhere unless given. Goes together with `PARTNER_CA_FILE`. */
  PARTNER_LISTEN: fields.listenAddress().optional(),
  /** Certificates of the authorities that sign for partners. */
  PARTNER_CA_FILE: fields.file().optional(),
  /** What those have revoked, a list of each; nothing is looked up unless given. */
  PARTNER_CRL_FILE: fields.file().optional(),
  /** Holds `tls.crt` and `tls.key` of the public listener and the partners' one. */
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
  /** Of one client, also behind a trusted proxy. */
  MAX_REQUESTS_IN_FLIGHT_PER_ADDRESS: fields
    .integer({ min: 1, max: 100_000 })
    .default(PUBLIC_LIMITS.requestsInFlightPerAddress),
  /** How long the gateway goes on taking connections once it is not ready any more, for a load balancer to notice. */
  DRAIN_DELAY_SECONDS: fields.durationSeconds({ min: 0, max: 15 }).default(0),
  ACCESS_TOKEN_AUDIENCE: fields.text().default('https://api.sallyport.internal'),
  AUTH_GRPC_ADDRESS: fields.targetAddress(),
  AUTH_HTTPS_URL: fields.httpsUrl(),
  ORDERS_GRPC_ADDRESS: fields.targetAddress(),
  BILLING_GRPC_ADDRESS: fields.targetAddress(),
  /** Where the gateway's own security events are kept; holds a password. */
  DATABASE_URL: fields.databaseUrl(),
  /** Whether the service brings its schema up to date itself, or waits until somebody has. */
  MIGRATIONS: z.enum(MIGRATION_MODES).default('apply'),
  /** The shared state the revocation feed is read from; holds a password. */
  REDIS_URL: fields.redisUrl(),
  /** Who may sign for the Redis of a `rediss://` URL, in place of the system's authorities. */
  REDIS_CA_FILE: fields.file().optional(),
  /** The stated bound: within so many milliseconds a revocation is in force here, or no access token is accepted. */
  REVOCATION_BOUND_MS: fields.integer({ min: 1_000, max: 30_000 }).default(2_000),
  /** Multiplies the rate limits; for tests and for machines of another size. */
  RATE_LIMIT_SCALE: rateLimitScale().default(1),
  /** How many gateways share a quota while the shared state is away and each counts by itself. */
  RATE_LIMIT_GATEWAYS: fields.integer({ min: 1, max: 1_000 }).default(1),
  /** Milliseconds that a request waits for its count in the shared state; after that this gateway counts by itself. */
  RATE_LIMIT_TIMEOUT_MS: fields.integer({ min: 10, max: 2_000 }).default(100),
  OPS_LISTEN: fields.listenAddress(),
  LOG_LEVEL: fields.logLevel().default('info'),
  ...traceFields,
});

export type GatewayConfig = z.output<typeof schema>;

/** @throws ConfigurationError naming the first variable that is not as expected. */
export function readGatewayConfig(environment: Environment): GatewayConfig {
  const config = readConfiguration(schema, environment);
  identityOriginOf(config);
  requireRedisTls(config);
  const { PARTNER_LISTEN: listen, PARTNER_CA_FILE: authorities, PARTNER_CRL_FILE: lists } = config;
  if (listen === undefined && (authorities ?? lists) !== undefined) {
    throw new ConfigurationError('PARTNER_LISTEN', 'expected beside the other PARTNER_ settings');
  }
  if (listen !== undefined && authorities === undefined) {
    throw new ConfigurationError(
      'PARTNER_CA_FILE',
      'expected a readable file beside PARTNER_LISTEN',
    );
  }
  return config;
}
