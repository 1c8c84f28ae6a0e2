/**
 * `npm run bench -- certificates`: leaves of one minute under steady traffic for five minutes, with the intermediate and the root
 * replaced in the middle. No request may fail; a certificate that was stolen before the root was replaced must be refused.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Cluster } from '@sallyport/launcher';
import { GatewayClient, newCredentials } from '../gateway-client';
import { withOwnCluster } from '../own-cluster';
import { placeOrder } from '../place-order';
import { describeMachine } from '../surroundings';
import { PacedReads } from '../traffic/paced-reads-process';
import { failuresOf } from '../traffic/traffic-table';
import { internalListeners } from './internal-listeners';
import { ObservedConnections } from './observed-connections';
import { ObservedLeaves } from './observed-leaves';
import { PlacedOrders } from './placed-orders';
import { reportServices, reportTraffic, reportRefusals, type Phase } from './report';
import { steal, watchRefusal } from './stolen-svid';

const LEAF_SECONDS = 60;
const ALONE_MS = 110_000;
const INTERMEDIATE_MS = 20_000;
const DURATION_MS = 300_000;
const READS_PER_SECOND = 220;
const READ_CONNECTIONS = 8;

const CERTS = join(__dirname, '../../../../certs/dist/cli.js');

export const benchCertificates = (): Promise<void> =>
  withOwnCluster(benchCluster, {}, {}, { leafLifetimeSeconds: LEAF_SECONDS });

const benchCluster = async (cluster: Cluster): Promise<void> => {
  const { gatewayUrl, caFile, certsFolder, services } = cluster;
  const client = new GatewayClient(gatewayUrl, caFile);
  const signedIn = await client.register(newCredentials());
  const path = await placeOrder(client, signedIn);
  const settings = { origins: [gatewayUrl], caFile, path, accessTokens: [signedIn.accessToken] };
  const reads = await PacedReads.start({
    ...settings,
    ...{ perSecond: READS_PER_SECOND, connections: READ_CONNECTIONS },
  });
  const orders = new PlacedOrders(() => placeOrder(client, signedIn));
  const listeners = internalListeners(cluster);
  const leaves = new ObservedLeaves(listeners, services.gateway.svidDirectory);
  const connections = ObservedConnections.start(listeners.map(({ port }) => port));
  const phases: Phase[] = [];
  const endPhase = async (title: string): Promise<void> => {
    phases.push({ title, reads: await reads.takeReport(), orders: orders.takeReport() });
    console.log(`${title}: ${phases.at(-1)?.reads.requests ?? 0} reads`);
  };
  const startedAt = performance.now();
  try {
    await delay(ALONE_MS);
    await endPhase('leaves alone');

    await ask('rotate-intermediate', certsFolder);
    await delay(INTERMEDIATE_MS);
    await endPhase('the intermediate is replaced');

    const stolen = await steal(certsFolder, 'orders-service');
    const beganAt = performance.now();
    const refusals = Promise.all(
      listeners.map((listener) => watchRefusal(stolen, listener, beganAt)),
    );
    await ask('replace-root', certsFolder);
    const replacedMs = performance.now() - beganAt;
    const refused = await refusals;
    await endPhase('the root is replaced');

    await delay(Math.max(0, DURATION_MS - (performance.now() - startedAt)));
    await endPhase('leaves alone again');
    console.log(
      `\nleaves of ${LEAF_SECONDS} s for ${DURATION_MS / 1000} s; ${READS_PER_SECOND} GET /orders/{id} a second on ` +
        `${READ_CONNECTIONS} connections, and POST /orders one after the other; ${describeMachine()}\n`,
    );
    console.log(reportTraffic(phases));
    console.log(`\n${reportServices(listeners, { leaves, connections })}`);
    console.log(`\n${reportRefusals(refused, replacedMs)}`);
    const failed = phases.reduce(
      (sum, phase) => sum + failuresOf(phase.reads) + failuresOf(phase.orders),
      0,
    );
    if (failed > 0)
      throw new Error(`failed: ${failed} requests were not answered as they have to be`);
    if (refused.some(({ newConnectionMs }) => newConnectionMs === undefined)) {
      throw new Error('failed: a stolen certificate was accepted after its root was retired');
    }
  } finally {
    await Promise.all([reads.stop(), orders.stop(), leaves.stop(), connections.stop()]);
    await client.close();
  }
};

/** Runs a command of the dev CA, as an operator would. */
const ask = async (command: string, certsFolder: string): Promise<void> => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    CERTS,
    command,
    '--dir',
    certsFolder,
  ]);
  process.stdout.write(stdout);
};
