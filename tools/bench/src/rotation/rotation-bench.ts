/**
 * `npm run bench -- rotation`: signing keys replaced every few seconds below steady traffic, which must not notice; then
 * the active one is tainted twice over, and what it signed is refused while everything else goes on.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '@sallyport/launcher';
import { GatewayClient, newCredentials } from '../gateway-client';
import { withOwnCluster } from '../own-cluster';
import { placeOrder } from '../place-order';
import { startSecondGateway } from '../second-gateway';
import { describeMachine } from '../surroundings';
import { PacedReads } from '../traffic/paced-reads-process';
import { failuresOf } from '../traffic/traffic-table';
import { KeyOperator } from './key-operator';
import { reportTaintings, reportTraffic } from './report';
import type { RotationTraffic } from './report';
import { PUBLISH_AHEAD_SECONDS, rotateFor } from './rotate';
import { Sessions } from './sessions';
import { taintActiveKey } from './taint';

const DURATION_MS = 60_000;
const READS_PER_SECOND = 220;
const READ_CONNECTIONS = 4;
const FIRST_SESSIONS = 4;

/** How long reads that are under way may take before the key of their tokens is tainted. */
const SETTLE_MS = 500;
const AFTERWARDS_MS = 3_000;

export const benchRotation = (): Promise<void> =>
  withOwnCluster(
    async (cluster, home) => {
      const second = await startSecondGateway(cluster, home);
      try {
        await benchGateways(cluster, [cluster.gatewayUrl, second.origin]);
      } finally {
        await second.stop();
      }
    },
    { SIGNING_KEY_PUBLISH_AHEAD_SECONDS: String(PUBLISH_AHEAD_SECONDS) },
  );

const benchGateways = async (
  { gatewayUrl, caFile, seededAccounts }: Cluster,
  origins: readonly string[],
): Promise<void> => {
  const connect = (): GatewayClient[] => origins.map((origin) => new GatewayClient(origin, caFile));
  const [clients, pollers] = [connect(), connect()];
  const administrative = new GatewayClient(gatewayUrl, caFile);
  const credentials = newCredentials();
  const path = await placeOrder(administrative, await administrative.register(credentials));
  const operator = await KeyOperator.signIn(administrative, seededAccounts);
  const sessions = new Sessions(credentials, clients);
  for (let number = 1; number <= FIRST_SESSIONS; number += 1) await sessions.open();
  const reads = await PacedReads.start({
    origins,
    caFile,
    path,
    accessTokens: sessions.accessTokens,
    perSecond: READS_PER_SECOND,
    connections: READ_CONNECTIONS,
  });
  try {
    sessions.signIns.takeReport();
    const activated = await rotateFor(DURATION_MS, { operator, sessions, reads });
    const signIns = sessions.signIns.takeReport();
    const refreshes = sessions.refreshes.takeReport();
    const kid = activated.at(-1) ?? '';
    const keysInUse = sessions.countKeys();
    reads.present(sessions.signedByOtherThan(kid));
    await delay(SETTLE_MS);
    const before = await reads.takeReport();

    const settings = { operator, path, credentials, pollers, clients };
    await operator.prepare();
    const prepared = await taintActiveKey(settings);
    const unprepared = await taintActiveKey(settings);
    await delay(AFTERWARDS_MS);
    const traffic = {
      reads: before,
      signIns,
      refreshes,
      readsAfterwards: await reads.takeReport(),
    };
    console.log(
      `\n${activated.length} keys activated in ${DURATION_MS / 1000} s, each ${PUBLISH_AHEAD_SECONDS} s after it was ` +
        `published; tokens of ${keysInUse} keys presented at the end; 2 gateways, ${READS_PER_SECOND} ` +
        `GET /orders/{id} a second on ${READ_CONNECTIONS} connections per gateway; ${describeMachine()}\n`,
    );
    console.log(reportTraffic(traffic));
    console.log(`\n${reportTaintings({ prepared, unprepared })}`);
    refuseFailures(traffic);
  } finally {
    await reads.stop();
    await Promise.all([administrative, ...clients, ...pollers].map((client) => client.close()));
  }
};

const refuseFailures = ({ reads, signIns, refreshes, readsAfterwards }: RotationTraffic): void => {
  const failed = [reads, signIns, refreshes, readsAfterwards].some(
    (report) => failuresOf(report) > 0,
  );
  if (failed) throw new Error('failed: not every request was answered as it has to be');
};
