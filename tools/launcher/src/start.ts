import { resolve } from 'node:path';
import { listenForInterruption } from './cli/interruption';
import type { Interruption } from './cli/interruption';
import { readLauncherConfiguration } from './cli/launcher-configuration';
import type { LauncherConfiguration } from './cli/launcher-configuration';
import { paintFor } from './cli/paint';
import { runCommand } from './cli/run-command';
import { readServiceSettings } from './cli/service-settings';
import { summary } from './cli/summary';
import type { Cluster } from './cluster/cluster';
import { LaunchError, orLaunchError } from './cluster/launch-error';
import { REPOSITORY } from './cluster/repository';
import { startCluster } from './cluster/start-cluster';
import { firstSku } from './public/catalogue';
import { PublicClient } from './public/public-client';

/** `npm start`: serves until it is told to stop. */
async function start(): Promise<number> {
  const configuration = readLauncherConfiguration(process.env);
  const interruption = listenForInterruption({
    source: process,
    now: () => performance.now(),
    // Whatever still runs is killed as this process exits.
    onRepeated: () => process.exit(1),
  });
  interruption.signal.addEventListener('abort', () => {
    console.log('stopping …');
  });
  try {
    const cluster = await startUnlessInterrupted(configuration, interruption);
    if (cluster !== undefined) await serve(cluster, configuration.home, interruption);
    console.log('stopped');
    return 0;
  } finally {
    interruption.stopListening();
  }
}

async function startUnlessInterrupted(
  { home, ports, databaseUrl, redisUrl, logLevel, settingsFile, inherited }: LauncherConfiguration,
  { signal }: Interruption,
): Promise<Cluster | undefined> {
  try {
    return await startCluster({
      home,
      ports,
      logLevel,
      inherited,
      signal,
      certsFolder: resolve(REPOSITORY, 'certs/dev'),
      onProgress: (line) => {
        console.log(line);
      },
      log: (line) => {
        console.log(line);
      },
      ...(settingsFile !== undefined && { serviceSettings: readServiceSettings(settingsFile) }),
      ...(databaseUrl !== undefined && { databaseUrl }),
      ...(redisUrl !== undefined && { redisUrl }),
    });
  } catch (cause) {
    if (cause instanceof LaunchError && cause.code === 'interrupted') return undefined;
    throw cause;
  }
}

async function serve(cluster: Cluster, home: string, interruption: Interruption): Promise<void> {
  try {
    const paint = paintFor(process.stdout, process.env['NO_COLOR']);
    const sku = await askForSku(cluster);
    for (const line of summary(cluster, { home, sku, paint })) console.log(line);
    console.log('READY');
    await interruption.requested;
  } finally {
    await cluster.stop();
  }
}

async function askForSku({ gatewayUrl, caFile }: Cluster): Promise<string> {
  const client = new PublicClient(gatewayUrl, caFile);
  try {
    return await orLaunchError('service_not_ready', 'gateway', () => firstSku(client));
  } finally {
    client.close();
  }
}

void runCommand(start);
