import {
  fields,
  identityOriginOf,
  identitySettings,
  readConfiguration,
  traceFields,
  type Environment,
} from '@sallyport/configuration';
import { MIGRATION_MODES } from '@sallyport/persistence';
import { z } from 'zod';

const schema = z.object({
  ...identitySettings,
  TRUST_DOMAIN: fields.trustDomain().default('sallyport.internal'),
  WORKLOAD_NAMESPACE: fields.namespaceName().default('sallyport'),
  GRPC_LISTEN: fields.listenAddress(),
  OPS_LISTEN: fields.listenAddress(),
  LOG_LEVEL: fields.logLevel().default('info'),
  ...traceFields,
  DATABASE_URL: fields.databaseUrl(),
  /** Whether the service brings its schema up to date itself, or waits until somebody has. */
  MIGRATIONS: z.enum(MIGRATION_MODES).default('apply'),
  BILLING_GRPC_ADDRESS: fields.targetAddress(),
  /** Where transaction tokens are to be had: auth-service's internal HTTPS face. */
  AUTH_HTTPS_URL: fields.httpsUrl(),
  /** Mean pause between two passes of the reconciler. */
  RECONCILE_INTERVAL_SECONDS: fields.durationSeconds({ min: 1, max: 3600 }).default(5),
  /** How long an unsettled order is left to the call that is settling it. */
  RECONCILE_AFTER_SECONDS: fields.durationSeconds({ min: 1, max: 3600 }).default(15),
});

export type OrdersServiceConfig = z.output<typeof schema>;

/** @throws ConfigurationError naming the first variable that is not as expected. */
export function readOrdersServiceConfig(environment: Environment): OrdersServiceConfig {
  const config = readConfiguration(schema, environment);
  identityOriginOf(config);
  return config;
}
