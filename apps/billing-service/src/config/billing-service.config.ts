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
});

export type BillingServiceConfig = z.output<typeof schema>;

/** @throws ConfigurationError naming the first variable that is not as expected. */
export function readBillingServiceConfig(environment: Environment): BillingServiceConfig {
  const config = readConfiguration(schema, environment);
  identityOriginOf(config);
  return config;
}
