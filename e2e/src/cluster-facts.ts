import { dirname, join } from 'node:path';
import type { Cluster, SeededAccount } from '@sallyport/launcher';
import { guarded } from './capabilities';

/** The four services of the cluster. */
export const SERVICES = ['gateway', 'auth-service', 'orders-service', 'billing-service'] as const;

export type ServiceName = (typeof SERVICES)[number];

/** A service that others call over gRPC. */
export type GrpcServiceName = Exclude<ServiceName, 'gateway'>;

/** A program with its arguments, run without a shell. */
export interface Runnable {
  readonly command: readonly string[];
  /** Beside what this process has in its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it is run; here unless given. */
  readonly folder?: string;
}

/** Where mail and text messages are that were not sent: a folder, or what prints the content of its files as a JSON array. */
export type Outbox = { readonly folder: string } | Runnable;

/** What a test may know of the running cluster. Nothing in here is known to somebody outside. */
export interface ClusterFacts {
  /** Public base URL, also the issuer of the access tokens. */
  readonly gatewayUrl: string;
  /** PEM file of the authority that signed the gateway's public certificate; undefined where everybody knows it. */
  readonly caFile: string | undefined;
  /** `host:port` by the origin of a public URL, where that is not reached at what it says. */
  readonly reachedAt: Readonly<Record<string, string>>;
  /** How the gateway sees a client on this machine. */
  readonly clientAddress: string;
  /** Where specs claim what no other may use, such as a phone number. */
  readonly claimsFolder: string;
  /** Base URL for partners. */
  readonly partnersUrl: string;
  /** `host:port` of the gateway's listener for plain HTTP. */
  readonly plainAddress: string;
  /** Base URL of auth-service's internal HTTPS listener. */
  readonly authHttpsUrl: string;
  /** The dev CA's folder; `workloads/<service>` in it holds the services' own SVIDs. */
  readonly certsFolder: string;
  /** Whether that folder is the one the services read, so that a new certificate in it reaches them. */
  readonly readsCertsFolder: true;
  /** `host:port` of each gRPC listener. */
  readonly grpcAddresses: Readonly<Record<GrpcServiceName, string>>;
  /** `host:port` of each operations listener. */
  readonly operationsAddresses: Readonly<Record<ServiceName, string>>;
  /** The JSON-lines log of each service. */
  readonly logFiles: Readonly<Record<ServiceName, string>>;
  readonly seededAccounts: readonly SeededAccount[];
  /** Each service's own URL of its database. */
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  /** auth-service's own URL of its database. */
  readonly authDatabaseUrl: string;
  /** What auth-service seals its signing keys with: 32 bytes in base64. */
  readonly keyEncryptionKeyFile: string;
  readonly outbox: Outbox;
  /** Runs auth-service's operator commands, whose words are appended. */
  readonly operator: Runnable;
  /** What another gateway beside that of the cluster is run with. */
  readonly gatewayEnvironment: Readonly<Record<string, string>>;
  /** Where the secret of the sample web application is. */
  readonly sampleAppsFolder: string;
  /** Whether the services reach what listens on 127.0.0.1 here. */
  readonly sharesLoopback: true;
  /** Whether a spec may start a cluster of its own, which tells nothing of the shared one. */
  readonly allowsOwnClusters: true;
}

/** What of it a spec has to ask for, since not every cluster tells. */
export type OptionalFacts = Omit<
  ClusterFacts,
  'gatewayUrl' | 'caFile' | 'reachedAt' | 'clientAddress' | 'claimsFolder'
>;

/** Of a cluster that may tell less. */
export type KnownFacts = Omit<ClusterFacts, keyof OptionalFacts> & Partial<OptionalFacts>;

const OPERATE = join(__dirname, '..', '..', 'apps', 'auth-service', 'dist', 'operate.js');

/** The facts of a cluster that was started here. */
export function factsOf(cluster: Cluster): ClusterFacts {
  const { gatewayUrl, partnersUrl, authHttpsUrl, caFile, certsFolder, services, seededAccounts } =
    cluster;
  const { environment } = services['auth-service'];
  return {
    ...{ gatewayUrl, partnersUrl, authHttpsUrl, caFile, certsFolder, seededAccounts },
    reachedAt: {},
    clientAddress: '127.0.0.1',
    claimsFolder: join(dirname(String(environment['SEED_CLIENTS_FILE'])), 'claimed-numbers'),
    plainAddress: String(services.gateway.environment['PLAIN_LISTEN']),
    grpcAddresses: {
      'auth-service': services['auth-service'].grpcAddress,
      'orders-service': services['orders-service'].grpcAddress,
      'billing-service': services['billing-service'].grpcAddress,
    },
    operationsAddresses: ofEveryService((service) =>
      String(services[service].environment['OPS_LISTEN']),
    ),
    logFiles: ofEveryService((service) => services[service].logFile),
    databaseUrls: ofEveryService((service) =>
      String(services[service].environment['DATABASE_URL']),
    ),
    authDatabaseUrl: String(environment['DATABASE_URL']),
    keyEncryptionKeyFile: String(environment['KEY_ENCRYPTION_KEY_FILE']),
    outbox: { folder: String(environment['MAIL_OUTBOX_DIR']) },
    operator: {
      command: [process.execPath, OPERATE],
      environment: { ...environment, LOG_LEVEL: 'warn' },
    },
    gatewayEnvironment: services.gateway.environment,
    sampleAppsFolder: dirname(String(environment['SEED_CLIENTS_FILE'])),
    readsCertsFolder: true,
    sharesLoopback: true,
    allowsOwnClusters: true,
  };
}

export function ofEveryService<Value>(
  value: (service: ServiceName) => Value,
): Record<ServiceName, Value> {
  return {
    gateway: value('gateway'),
    'auth-service': value('auth-service'),
    'orders-service': value('orders-service'),
    'billing-service': value('billing-service'),
  };
}

const VARIABLE = 'SALLYPORT_E2E_CLUSTER';

/** Hands the facts to the workers of this run, which inherit the environment. */
export function publishCluster(facts: KnownFacts): void {
  process.env[VARIABLE] = JSON.stringify(facts);
}

/** What is known of the cluster that all specs of a run share. */
export function knownFacts(): KnownFacts {
  const published = process.env[VARIABLE];
  if (published === undefined) {
    throw new Error(`${VARIABLE} is not set: run the specs as the Jest project e2e`);
  }
  return JSON.parse(published) as KnownFacts;
}

/** The cluster that all specs of a run share. A spec names what it needs of it first: see `needs`. */
export function sharedCluster(): ClusterFacts {
  return guarded(knownFacts());
}
