import { join } from 'node:path';
import type { SeededAccount } from './accounts';
import type { Cluster, ClusterService, GrpcService } from './cluster';
import { GRPC_LISTENERS, OPS_LISTENERS } from './listeners';
import type { GrpcServiceName, Ports, ServiceName } from './listeners';
import { addressOf, partnersUrl, publicUrl } from './service-commands';
import { readLog } from './service-log';
import type { LogLine } from './service-log';
import type { SupervisedService } from './supervised-service';
import type { Teardown } from './teardown';

interface Parts {
  readonly ports: Ports;
  readonly certsFolder: string;
  readonly seededAccounts: readonly SeededAccount[];
  readonly database: string;
  readonly sharedState: string;
  readonly supervised: Readonly<Record<ServiceName, SupervisedService>>;
  readonly teardown: Teardown;
}

/** The cluster once everything is up. */
export class RunningCluster implements Cluster {
  readonly gatewayUrl: string;
  readonly partnersUrl: string;
  readonly authHttpsUrl: string;
  readonly caFile: string;
  readonly certsFolder: string;
  readonly services: Cluster['services'];
  readonly seededAccounts: readonly SeededAccount[];
  readonly database: string;
  readonly sharedState: string;

  constructor(private readonly parts: Parts) {
    const { ports, certsFolder } = parts;
    this.gatewayUrl = publicUrl(ports);
    this.partnersUrl = partnersUrl(ports);
    this.authHttpsUrl = `https://${addressOf(ports, 'authHttps')}`;
    this.caFile = join(certsFolder, 'ca.pem');
    this.certsFolder = certsFolder;
    this.seededAccounts = parts.seededAccounts;
    this.database = parts.database;
    this.sharedState = parts.sharedState;
    this.services = {
      'auth-service': new RunningGrpcService('auth-service', parts),
      'billing-service': new RunningGrpcService('billing-service', parts),
      'orders-service': new RunningGrpcService('orders-service', parts),
      gateway: new RunningService('gateway', parts),
    };
  }

  kill(service: ServiceName, { restart } = { restart: false }): Promise<void> {
    return this.parts.supervised[service].kill({ restart });
  }

  end(service: ServiceName): Promise<void> {
    return this.parts.supervised[service].stop();
  }

  restart(service: ServiceName): Promise<void> {
    return this.parts.supervised[service].restart();
  }

  logs(service: ServiceName): readonly LogLine[] {
    return readLog(this.services[service].logFile);
  }

  stop(): Promise<void> {
    return this.parts.teardown.run();
  }
}

class RunningService implements ClusterService {
  readonly opsUrl: string;
  readonly svidDirectory: string;
  readonly logFile: string;
  readonly #supervised: SupervisedService;

  constructor(
    readonly name: ServiceName,
    { ports, certsFolder, supervised }: Parts,
  ) {
    this.#supervised = supervised[name];
    this.opsUrl = `http://${addressOf(ports, OPS_LISTENERS[name])}`;
    this.svidDirectory = join(certsFolder, 'workloads', name);
    this.logFile = this.#supervised.logFile;
  }

  get pid(): number | undefined {
    return this.#supervised.pid;
  }

  get environment(): Readonly<Record<string, string>> {
    return this.#supervised.environment;
  }
}

class RunningGrpcService extends RunningService implements GrpcService {
  readonly grpcAddress: string;

  constructor(name: GrpcServiceName, parts: Parts) {
    super(name, parts);
    this.grpcAddress = addressOf(parts.ports, GRPC_LISTENERS[name]);
  }
}
