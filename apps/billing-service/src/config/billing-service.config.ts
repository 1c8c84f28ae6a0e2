import { fields, readConfiguration, traceFields, type Environment } from '@sallyport/configuration';
import { z } from 'zod';

const schema = z.object({
  /** Holds the workload's `tls.crt`, `tls.key` and `ca.crt`. */
  SVID_DIR: fields.directory(),
  TRUST_DOMAIN: fields.trustDomain().default('sallyport.internal'),
  WORKLOAD_NAMESPACE: fields.namespaceName().default('sallyport'),
  GRPC_LISTEN: fields.listenAddress(),
  OPS_LISTEN: fields.listenAddress(),
  LOG_LEVEL: fields.logLevel().default('info'),
  ...traceFields(),
  DATABASE_URL: fields.databaseUrl(),
});

export type BillingServiceConfig = z.output<typeof schema>;

/** @throws ConfigurationError naming the first variable that is not as expected. */
export function readBillingServiceConfig(environment: Environment): BillingServiceConfig {
  return readConfiguration(schema, environment);
}
