import { resolve } from 'node:path';
import { LOCAL_ACCOUNTS } from './accounts';
import { openCertificates } from './certificates';
import type { Cluster, ClusterOptions } from './cluster';
import { LOCAL_CLIENTS } from './clients';
import { writeClusterFile } from './cluster-file';
import { openHome } from './home';
import type { Home } from './home';
import { LaunchError, orLaunchError } from './launch-error';
import { byService } from './listeners';
import type { Ports, ServiceName } from './listeners';
import { takeLock } from './lock';
import { writeOperatorFile } from './operator-file';
import { LOCAL_PARTNERS } from './partners';
import { freePorts, requirePorts, standardPorts } from './ports';
import { Progress } from './progress';
import { RunningCluster } from './running-cluster';
import { openSecrets } from './secrets';
import { DATABASE_NAMES } from './service-commands';
import { shownPath } from './shown-path';
import { startServices } from './start-services';
import { openDatabases, openSharedState } from './stores';
import type { SupervisedService } from './supervised-service';
import { Teardown } from './teardown';

/**
 * Starts a cluster: certificates, database and shared state, then the four services, each a process
 * of its own. Resolves when every service reports ready. When a part fails, or the signal gives the
 * start up, everything that was started is stopped before this rejects.
 *
 * @throws LaunchError with one readable line
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const teardown = new Teardown(options.log ?? ignore);
  try {
    return await start(options, teardown);
  } catch (cause) {
    await teardown.run();
    throw cause;
  }
}

async function start(options: ClusterOptions, teardown: Teardown): Promise<Cluster> {
  const { log: report = ignore, onProgress = ignore, signal } = options;
  const progress = new Progress(onProgress);
  const home = await takeHome(options.home, teardown);
  const ports = await choosePorts(options.ports);
  const secrets = await orLaunchError('home_unusable', 'secrets', () =>
    openSecrets(home, {
      databaseRoles: DATABASE_NAMES,
      accounts: options.accounts ?? LOCAL_ACCOUNTS,
      partners: options.partners ?? LOCAL_PARTNERS,
      clients: LOCAL_CLIENTS,
    }),
  );
  const certsFolder = resolve(options.certsFolder ?? home.certificates);
  const stores = { home, teardown, report };
  const { databaseUrl, redisUrl } = options;
  const passwords = secrets.databasePasswords;
  const parts = [
    progress.of(
      'certificates',
      () => openCertificates(certsFolder, options.leafLifetimeSeconds, { teardown, report }),
      (issued) =>
        `in ${shownPath(certsFolder)}${issued.length > 0 ? `, issued for ${issued.join(', ')}` : ''}`,
    ),
    progress.of('database', () => openDatabases({ ...stores, databaseUrl, passwords }), described),
    progress.of('shared state', () => openSharedState({ ...stores, redisUrl }), described),
  ] as const;
  // Nothing may still be starting when the failure of one is dealt with.
  await Promise.allSettled(parts);
  const [, databases, sharedState] = await Promise.all(parts);
  if (signal?.aborted === true) throw new LaunchError('interrupted', 'stopped');

  const supervised = await startServices(
    {
      home,
      ports,
      certsFolder,
      databaseUrls: databases.urls,
      redisUrl: sharedState.url,
      logLevel: options.logLevel ?? 'info',
      inherited: options.inherited ?? {},
      overrides: options.serviceSettings ?? {},
      checkout: options.checkout,
      adjust: options.adjustSettings,
    },
    { teardown, progress, report, signal },
  );
  const { environment } = supervised['auth-service'];
  const removeOperatorFile = await writeOperatorFile(home.operatorFile, environment);
  teardown.push('operator commands', removeOperatorFile);
  const removeAuditFile = await writeOperatorFile(home.auditFile, databasesOf(supervised));
  teardown.push('audit', removeAuditFile);
  const cluster = new RunningCluster({
    ports,
    certsFolder,
    supervised,
    teardown,
    seededAccounts: secrets.accounts,
    database: databases.description,
    sharedState: sharedState.description,
  });
  teardown.push('cluster file', await writeClusterFile(cluster, home));
  return cluster;
}

/** The URL of each service's database. */
function databasesOf(
  supervised: Readonly<Record<ServiceName, SupervisedService>>,
): Readonly<Record<ServiceName, string>> {
  return byService((name) => supervised[name].environment['DATABASE_URL'] ?? '');
}

async function takeHome(folder: string, teardown: Teardown): Promise<Home> {
  const shown = shownPath(folder);
  return orLaunchError('home_unusable', `data folder ${shown}`, async () => {
    const home = await openHome(folder);
    teardown.push('lock', await takeLock(home.lockFile, shown));
    return home;
  });
}

async function choosePorts(choice: ClusterOptions['ports']): Promise<Ports> {
  if (choice === 'free') return freePorts();
  const ports = choice === 'standard' ? standardPorts() : choice;
  await requirePorts(ports);
  return ports;
}

function described({ description }: { readonly description: string }): string {
  return description;
}

function ignore(): void {
  // Nobody listens.
}
