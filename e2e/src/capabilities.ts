import { devNull } from 'node:os';
import type { ClusterFacts, KnownFacts, OptionalFacts } from './cluster-facts';

/** What a spec may need of a cluster that is not told of every one, and the facts that it consists of. */
const FACTS = {
  partners: ['partnersUrl'],
  'plain-listener': ['plainAddress'],
  'internal-listeners': ['grpcAddresses', 'authHttpsUrl'],
  'operations-listeners': ['operationsAddresses'],
  certificates: ['certsFolder'],
  'live-certificates': ['readsCertsFolder'],
  logs: ['logFiles'],
  databases: ['databaseUrls', 'authDatabaseUrl'],
  'key-encryption-key': ['keyEncryptionKeyFile'],
  outbox: ['outbox'],
  'seeded-accounts': ['seededAccounts'],
  'operator-commands': ['operator'],
  'gateway-replica': ['gatewayEnvironment'],
  'sample-apps': ['sampleAppsFolder'],
  'shared-loopback': ['sharesLoopback'],
  'own-cluster': ['allowsOwnClusters'],
} as const satisfies Readonly<Record<string, readonly (keyof OptionalFacts)[]>>;

export type Capability = keyof typeof FACTS;

const OF_FACT = new Map<PropertyKey, Capability>(
  (Object.keys(FACTS) as Capability[]).flatMap((capability) =>
    FACTS[capability].map((fact) => [fact, capability] as const),
  ),
);

/** Of this spec file: each has a module registry of its own. */
const declared = new Set<Capability>();

/** Lets the spec file have what these consist of. */
export function declare(capabilities: readonly Capability[]): void {
  for (const capability of capabilities) declared.add(capability);
}

/** @throws TypeError when the spec file has not said that it needs this */
export function requireDeclared(capability: Capability, used: string): void {
  if (declared.has(capability)) return;
  throw new TypeError(`the spec uses ${used}: it has to declare needs('${capability}')`);
}

/** Those of them that a cluster does not offer. */
export function missingOf(
  capabilities: readonly Capability[],
  facts: KnownFacts,
): readonly Capability[] {
  return capabilities.filter((each) => FACTS[each].some((fact) => facts[fact] === undefined));
}

/**
 * The facts of the shared cluster, of which a spec gets what it has declared and nothing else, whether or not this cluster
 * offers more: so that on another cluster no test fails for want of it.
 */
export function guarded(facts: KnownFacts): ClusterFacts {
  return new Proxy(facts as ClusterFacts, {
    get(target, name) {
      const capability = OF_FACT.get(name);
      if (capability === undefined) return Reflect.get(target, name) as unknown;
      requireDeclared(capability, String(name));
      return Reflect.get(target, name) ?? STAND_INS[name as keyof OptionalFacts];
    },
  });
}

const NOWHERE = 'nowhere.invalid:443';
const IN_NO_FILE = {
  ...{ gateway: devNull, 'auth-service': devNull },
  ...{ 'orders-service': devNull, 'billing-service': devNull },
};
const IN_NO_DATABASE = 'postgres://nowhere.invalid/';
const NOTHING_TO_RUN = { command: ['false'], environment: {} };

/** What a spec file that is skipped gets: it is read for the names of its tests, and none of them is run. */
const STAND_INS: OptionalFacts = {
  partnersUrl: `https://${NOWHERE}`,
  plainAddress: NOWHERE,
  authHttpsUrl: `https://${NOWHERE}`,
  certsFolder: devNull,
  grpcAddresses: {
    ...{ 'auth-service': NOWHERE, 'orders-service': NOWHERE, 'billing-service': NOWHERE },
  },
  operationsAddresses: {
    ...{ gateway: NOWHERE, 'auth-service': NOWHERE },
    ...{ 'orders-service': NOWHERE, 'billing-service': NOWHERE },
  },
  logFiles: IN_NO_FILE,
  seededAccounts: [],
  databaseUrls: {
    ...{ gateway: IN_NO_DATABASE, 'auth-service': IN_NO_DATABASE },
    ...{ 'orders-service': IN_NO_DATABASE, 'billing-service': IN_NO_DATABASE },
  },
  authDatabaseUrl: IN_NO_DATABASE,
  keyEncryptionKeyFile: devNull,
  outbox: { folder: devNull },
  operator: NOTHING_TO_RUN,
  gatewayEnvironment: {},
  sampleAppsFolder: devNull,
  readsCertsFolder: true,
  sharesLoopback: true,
  allowsOwnClusters: true,
};
