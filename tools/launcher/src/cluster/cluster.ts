import type { AccountSeed, SeededAccount } from './accounts';
import type { GrpcServiceName, Ports, ServiceName } from './listeners';
import type { PartnerSeed } from './partners';
import type { LogLine } from './service-log';

type Settings = Readonly<Record<string, string>>;

/** Changes the environment of a service before it is started. */
export type AdjustSettings = (service: ServiceName, settings: Settings) => Settings;

/** What a cluster is started with. */
export interface ClusterOptions {
  /** The folder that holds everything the cluster writes; made when there is none. */
  readonly home: string;
  /** The ports of the README, ports nobody listens on, or named ones. */
  readonly ports: 'free' | 'standard' | Ports;
  /** Where the dev CA keeps its files; a folder in the home unless given. */
  readonly certsFolder?: string;
  /** How long workload certificates live; an hour unless given. */
  readonly leafLifetimeSeconds?: number;
  /** An administrator's URL of a PostgreSQL server; an embedded one unless given. */
  readonly databaseUrl?: string;
  /** A Redis; the best this machine offers unless given. */
  readonly redisUrl?: string;
  /** Accounts that exist from the first start on; one per role unless given. */
  readonly accounts?: readonly AccountSeed[];
  /** Partners that are registered from the first start on; one unless given. */
  readonly partners?: readonly PartnerSeed[];
  readonly logLevel?: string;
  /** Environment variables of single services, over those the launcher sets. */
  readonly serviceSettings?: Readonly<
    Partial<Record<ServiceName, Readonly<Record<string, string>>>>
  >;
  /** Another checkout, built, whose services are run: an earlier version. */
  readonly checkout?: string | undefined;
  /** Given all that a service is to be started with; returns what it is started with, such as addresses of proxies. */
  readonly adjustSettings?: AdjustSettings;
  /** Environment variables all services inherit; `PATH` and the like. */
  readonly inherited?: Readonly<Record<string, string>>;
  /** Told of each part that is up, in one line. */
  readonly onProgress?: (line: string) => void;
  /** Told of what happens by itself later (a service ended and is started again), in one line. */
  readonly log?: (line: string) => void;
  /** Gives the start up. */
  readonly signal?: AbortSignal;
}

/** One running service. */
export interface ClusterService {
  readonly name: ServiceName;
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  /** Base URL of `/health/live`, `/health/ready` and `/metrics`. */
  readonly opsUrl: string;
  /** The directory that holds its SVID. */
  readonly svidDirectory: string;
  readonly logFile: string;
  /** The environment of its process, passwords included: whoever starts another replica needs it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A service that the others call. */
export interface GrpcService extends ClusterService {
  /** `host:port` */
  readonly grpcAddress: string;
}

/** Four services and their stores, running. */
export interface Cluster {
  /** Public base URL; also the issuer of the tokens. */
  readonly gatewayUrl: string;
  /** Base URL for partners, who present a certificate. */
  readonly partnersUrl: string;
  /** Base URL of auth-service's internal HTTPS listener. */
  readonly authHttpsUrl: string;
  /** Certificate of the authority that signed the gateway's public certificate (PEM). */
  readonly caFile: string;
  /** The dev CA's folder. */
  readonly certsFolder: string;
  readonly services: Readonly<Record<GrpcServiceName, GrpcService>> & {
    readonly gateway: ClusterService;
  };
  readonly seededAccounts: readonly SeededAccount[];
  /** What the database is, and what holds the shared state, each in words. */
  readonly database: string;
  readonly sharedState: string;
  /** Ends a service at once, as a crash would. It stays down unless it is to be restarted. */
  kill(service: ServiceName, options?: { readonly restart: boolean }): Promise<void>;
  /** Asks a service to end, as a rollout does, and waits until it has. It stays down. */
  end(service: ServiceName): Promise<void>;
  /** Stops the service if it runs, starts it, and waits until it is ready. */
  restart(service: ServiceName): Promise<void>;
  /** The lines of a service's log since the cluster started, oldest first. */
  logs(service: ServiceName): readonly LogLine[];
  /** Stops everything that was started, in reverse order. Resolves when all processes are gone. */
  stop(): Promise<void>;
}
