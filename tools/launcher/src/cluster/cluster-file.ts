import { join } from 'node:path';
import type { Cluster } from './cluster';
import type { Home } from './home';
import { byService } from './listeners';
import { writePrivateFile } from './operator-file';
import { REPOSITORY } from './repository';

/**
 * Says in the home how everything of a running cluster is reached, for suites that are run against it: e2e/README.md names
 * the members. Holds passwords; readable by its owner alone. Resolves with what removes it.
 */
export function writeClusterFile(cluster: Cluster, home: Home): Promise<() => Promise<void>> {
  return writePrivateFile(home.clusterFile, clusterFileOf(cluster, home));
}

function clusterFileOf(cluster: Cluster, home: Home): unknown {
  const { services } = cluster;
  const auth = services['auth-service'];
  return {
    gatewayUrl: cluster.gatewayUrl,
    caFile: cluster.caFile,
    partners: { url: cluster.partnersUrl },
    plainAddress: services.gateway.environment['PLAIN_LISTEN'],
    internal: {
      'auth-service': { grpc: auth.grpcAddress, https: new URL(cluster.authHttpsUrl).host },
      'orders-service': { grpc: services['orders-service'].grpcAddress },
      'billing-service': { grpc: services['billing-service'].grpcAddress },
    },
    operations: byService((name) => services[name].environment['OPS_LISTEN']),
    certificates: { folder: cluster.certsFolder, isLive: true },
    logs: byService((name) => ({ file: services[name].logFile })),
    databases: byService((name) => services[name].environment['DATABASE_URL']),
    keyEncryptionKey: { file: home.keyEncryptionKeyFile },
    outbox: { folder: home.mail },
    seededAccounts: cluster.seededAccounts,
    operator: {
      command: [process.execPath, join(REPOSITORY, 'apps/auth-service/dist/operate.js')],
      environment: { ...auth.environment, LOG_LEVEL: 'warn' },
    },
    sampleApps: { folder: home.root },
    gatewayEnvironment: services.gateway.environment,
    sharesLoopback: true,
  };
}
