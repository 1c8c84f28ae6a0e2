import { fields, readConfiguration } from '@sallyport/configuration';
import type { Environment } from '@sallyport/configuration';
import { z } from 'zod';
import { readLauncherConfiguration } from '../cli/launcher-configuration';
import { auditFileOf } from '../cluster/home';
import { SERVICE_NAMES } from '../cluster/listeners';
import type { ServiceName } from '../cluster/listeners';
import { readOperatorFile } from '../cluster/operator-file';

/** The database of each service whose chain is to be verified. */
export type AuditedDatabases = ReadonlyMap<ServiceName, string>;

/** Where a deployment that is not the local one says how a service's database is reached. */
const VARIABLES = {
  'auth-service': 'AUTH_SERVICE_DATABASE_URL',
  'billing-service': 'BILLING_SERVICE_DATABASE_URL',
  'orders-service': 'ORDERS_SERVICE_DATABASE_URL',
  gateway: 'GATEWAY_DATABASE_URL',
} as const satisfies Record<ServiceName, string>;

/**
 * The databases the environment names, or those of the local cluster when it names none.
 *
 * @throws ConfigurationError for a variable that is no database URL
 * @throws LaunchError `cluster_not_running` when none is named and no local cluster runs
 */
export async function auditedDatabases(environment: Environment): Promise<AuditedDatabases> {
  const named = SERVICE_NAMES.flatMap((service) => {
    const url = readUrl(VARIABLES[service], environment);
    return url === undefined ? [] : [[service, url] as const];
  });
  if (named.length > 0) return new Map(named);
  const { home } = readLauncherConfiguration(environment);
  const urls = await readOperatorFile(auditFileOf(home), home);
  return new Map(
    SERVICE_NAMES.flatMap((service) => {
      const url = urls[service];
      return url === undefined ? [] : [[service, url] as const];
    }),
  );
}

function readUrl(variable: string, environment: Environment): string | undefined {
  const one = z.object({ [variable]: fields.databaseUrl().optional() });
  return readConfiguration(one, environment)[variable];
}
