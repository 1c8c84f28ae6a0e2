import { dirname } from 'node:path';
import type { Cluster, ClusterService, SeededAccount } from '@sallyport/launcher';

/** The four services of the cluster. */
export const SERVICES = ['gateway', 'auth-service', 'orders-service', 'billing-service'] as const;

export type ServiceName = (typeof SERVICES)[number];

/** A service that others call over gRPC. */
export type GrpcServiceName = Exclude<ServiceName, 'gateway'>;

/** Of a service that runs. */
export type RunningFacts = Pick<ClusterService, 'environment' | 'logFile'>;

/** What a test may know of the running cluster. Nothing in here is known to somebody outside. */
export interface ClusterFacts {
  /** Public base URL, also the issuer of the access tokens. */
  readonly gatewayUrl: string;
  /** Base URL for partners. */
  readonly partnersUrl: string;
  /** Of the gateway's listener for plain HTTP, on 127.0.0.1. */
  readonly plainPort: number;
  /** Base URL of auth-service's internal HTTPS listener. */
  readonly authHttpsUrl: string;
  /** PEM file of the authority that signed the gateway's public certificate. */
  readonly caFile: string;
  /** The dev CA's folder; `workloads/<service>` in it holds the services' own SVIDs. */
  readonly certsFolder: string;
  /** `host:port` of each gRPC listener. */
  readonly grpcAddresses: Readonly<Record<GrpcServiceName, string>>;
  /** The JSON-lines log of each service. */
  readonly logFiles: Readonly<Record<ServiceName, string>>;
  readonly seededAccounts: readonly SeededAccount[];
  /** Each service's own URL of its database. */
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  /** What each is run with, for another of its kind or a command beside it. */
  readonly services: Readonly<Record<ServiceName, RunningFacts>>;
  /** auth-service's own URL of its database. */
  readonly authDatabaseUrl: string;
  /** What auth-service seals its signing keys with: 32 bytes in base64. */
  readonly keyEncryptionKeyFile: string;
  /** Where auth-service keeps mail instead of sending it. */
  readonly mailFolder: string;
  /** Where the launcher keeps what it has made, the secret of the sample web application among it. */
  readonly homeFolder: string;
}

/** The facts of a cluster that was started here. */
export function factsOf(cluster: Cluster): ClusterFacts {
  const { gatewayUrl, partnersUrl, authHttpsUrl, caFile, certsFolder, services, seededAccounts } =
    cluster;
  const { environment } = services['auth-service'];
  return {
    gatewayUrl,
    partnersUrl,
    plainPort: Number(String(services.gateway.environment['PLAIN_LISTEN']).split(':')[1]),
    authHttpsUrl,
    caFile,
    certsFolder,
    seededAccounts,
    grpcAddresses: {
      'auth-service': services['auth-service'].grpcAddress,
      'orders-service': services['orders-service'].grpcAddress,
      'billing-service': services['billing-service'].grpcAddress,
    },
    logFiles: {
      gateway: services.gateway.logFile,
      'auth-service': services['auth-service'].logFile,
      'orders-service': services['orders-service'].logFile,
      'billing-service': services['billing-service'].logFile,
    },
    databaseUrls: {
      gateway: databaseUrlOf(services.gateway),
      'auth-service': databaseUrlOf(services['auth-service']),
      'orders-service': databaseUrlOf(services['orders-service']),
      'billing-service': databaseUrlOf(services['billing-service']),
    },
    services: {
      gateway: runningFactsOf(services.gateway),
      'auth-service': runningFactsOf(services['auth-service']),
      'orders-service': runningFactsOf(services['orders-service']),
      'billing-service': runningFactsOf(services['billing-service']),
    },
    authDatabaseUrl: String(environment['DATABASE_URL']),
    keyEncryptionKeyFile: String(environment['KEY_ENCRYPTION_KEY_FILE']),
    mailFolder: String(environment['MAIL_OUTBOX_DIR']),
    homeFolder: dirname(String(environment['SEED_CLIENTS_FILE'])),
  };
}

function runningFactsOf({ environment, logFile }: ClusterService): RunningFacts {
  return { environment, logFile };
}

function databaseUrlOf({ environment }: Pick<ClusterService, 'environment'>): string {
  return String(environment['DATABASE_URL']);
}

const VARIABLE = 'SALLYPORT_E2E_CLUSTER';

/** Hands the facts to the workers of this run, which inherit the environment. */
export function publishCluster(facts: ClusterFacts): void {
  process.env[VARIABLE] = JSON.stringify(facts);
}

/** The cluster that all specs of a run share. */
export function sharedCluster(): ClusterFacts {
  const published = process.env[VARIABLE];
  if (published === undefined) {
    throw new Error(`${VARIABLE} is not set: run the specs as the Jest project e2e`);
  }
  return JSON.parse(published) as ClusterFacts;
}
