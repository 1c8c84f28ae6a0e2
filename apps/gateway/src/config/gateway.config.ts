import { fields, readConfiguration, type Environment } from '@sallyport/configuration';
import { z } from 'zod';

const schema = z.object({
  /** Holds the workload's `tls.crt`, `tls.key` and `ca.crt`. */
  SVID_DIR: fields.directory(),
  TRUST_DOMAIN: fields.trustDomain().default('sallyport.internal'),
  WORKLOAD_NAMESPACE: fields.namespaceName().default('sallyport'),
  PUBLIC_LISTEN: fields.listenAddress(),
  /** Holds `tls.crt` and `tls.key` of the public listener. */
  PUBLIC_TLS_DIR: fields.directory(),
  /** What clients call this gateway; the issuer of the access tokens it accepts and the only origin of its cookies. */
  PUBLIC_URL: fields.issuerUrl(),
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
