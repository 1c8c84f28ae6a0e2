import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readAuthServiceConfig } from '@sallyport/auth-service/config';
import { readBillingServiceConfig } from '@sallyport/billing-service/config';
import type { Environment } from '@sallyport/configuration';
import { readGatewayConfig } from '@sallyport/gateway/config';
import { readOrdersServiceConfig } from '@sallyport/orders-service/config';
import type { ServiceName } from './expected-edges';
import { ofKind, podsOf, type Container, type Manifest } from './manifest';

const READERS: Readonly<Record<ServiceName, (environment: Environment) => object>> = {
  gateway: readGatewayConfig,
  'auth-service': readAuthServiceConfig,
  'orders-service': readOrdersServiceConfig,
  'billing-service': readBillingServiceConfig,
};

/** What the files of the Secrets hold in place of the real ones. */
const CONTENTS: Readonly<Record<string, string>> = {
  database_url: 'postgres://role:p@postgres/database?sslmode=verify-full&sslrootcert=/run/ca.pem',
  redis_url: 'rediss://user:p@redis:6379/0',
  smtp_url: 'smtps://user:p@mail.example:465',
};

/** Read elsewhere than in the service's schema. */
const OTHERS = /^(?:OTEL_|NODE_)/;

/**
 * Whether each service starts with the environment its Deployment gives it: read by the service's own schema, with the image's
 * NODE_ENV, and with placeholders for the files that volumes bring. A variable that the schema does not know is a finding.
 */
export function settingsFindings(manifests: readonly Manifest[]): readonly string[] {
  return podsOf(manifests)
    .flatMap(({ owner, spec }) => {
      const name = /^Deployment (.*)$/.exec(owner)?.[1] ?? '';
      const [container] = spec.containers;
      if (!container || !isService(name)) return [];
      const root = mkdtempSync(join(tmpdir(), 'manifests-settings-'));
      try {
        return findingsOf(READERS[name], container, environmentOf(container, manifests), root);
      } finally {
        rmSync(root, { recursive: true });
      }
    })
    .sort();
}

function findingsOf(
  read: (environment: Environment) => object,
  container: Container,
  environment: Readonly<Record<string, string>>,
  root: string,
): readonly string[] {
  const mounted = container.volumeMounts?.map(({ mountPath }) => mountPath) ?? [];
  const placed: Record<string, string> = { NODE_ENV: 'production' };
  const findings: string[] = [];
  for (const [name, value] of Object.entries(environment)) {
    const isPath = /_(?:FILE|DIR)$/.test(name);
    if (isPath && !mounted.some((path) => value === path || value.startsWith(`${path}/`))) {
      findings.push(`${container.name}: nothing is mounted where ${name} points to`);
    }
    placed[name] = isPath ? placeholder(root, name, value) : value;
  }
  try {
    const known = read(placed);
    for (const name of Object.keys(environment)) {
      if (OTHERS.test(name) || name in known || name.replace(/_FILE$/, '') in known) continue;
      findings.push(`${container.name}: the service does not know ${name}`);
    }
  } catch (error) {
    findings.push(`${container.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return findings;
}

function environmentOf(
  { env = [] }: Container,
  manifests: readonly Manifest[],
): Readonly<Record<string, string>> {
  const maps = new Map(
    ofKind(manifests, 'ConfigMap').map(({ metadata, data }) => [metadata.name, data]),
  );
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => {
      const { name: map = '', key = '' } = valueFrom?.configMapKeyRef ?? {};
      return [name, value ?? maps.get(map)?.[key] ?? ''];
    }),
  );
}

/** The path under a folder of this test, with something there. */
function placeholder(root: string, name: string, path: string): string {
  const own = join(root, path);
  if (name.endsWith('_DIR')) {
    mkdirSync(own, { recursive: true });
    return own;
  }
  mkdirSync(dirname(own), { recursive: true });
  const file = path.slice(path.lastIndexOf('/') + 1);
  writeFileSync(own, CONTENTS[file] ?? randomBytes(32).toString('base64'));
  return own;
}

function isService(name: string): name is ServiceName {
  return name in READERS;
}
