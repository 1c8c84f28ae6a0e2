/**
 * `npm run bench -- noisy-neighbour`: ten users who read at an everyday pace, by themselves, then beside one who asks for
 * fifty times what a user may, from as many addresses as requests.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '@sallyport/launcher';
import { GatewayClient, newCredentials } from '../gateway-client';
import { withOwnCluster } from '../own-cluster';
import { describeMachine } from '../surroundings';
import { table } from '../table';
import { PacedReads } from '../traffic/paced-reads-process';
import type { TrafficReport } from '../traffic/traffic';
import { failuresOf, TRAFFIC_HEAD, trafficRow } from '../traffic/traffic-table';

const NEIGHBOURS = 10;
/** Of each, in a second: half of what a user may. */
const NEIGHBOUR_PACE = 5;
/** Fifty times the 600 reads a user has in a minute. */
const NOISE_PACE = 500;
const WARM_UP_MS = 3_000;
const PHASE_MS = 10_000;
const CONNECTIONS = 16;
const LIMITED = 'answered 429';
const LIMITED_WITHIN_MS = 20_000;

/** The limits as they are, and addresses as a proxy on this machine writes them. */
const GATEWAY_SETTINGS = { RATE_LIMIT_SCALE: '1', TRUSTED_PROXIES: '127.0.0.1' };

export const benchNoisyNeighbour = (): Promise<void> =>
  withOwnCluster(measure, {}, GATEWAY_SETTINGS);

const measure = async ({ gatewayUrl, caFile }: Cluster): Promise<void> => {
  const client = new GatewayClient(gatewayUrl, caFile);
  const accessTokens: string[] = [];
  while (accessTokens.length <= NEIGHBOURS) {
    accessTokens.push((await client.register(newCredentials())).accessToken);
  }
  await client.close();
  const [noisy = '', ...neighbours] = accessTokens;
  const start = (tokens: readonly string[], perSecond: number): Promise<PacedReads> =>
    PacedReads.start({
      origins: [gatewayUrl],
      caFile,
      path: '/orders?limit=1',
      accessTokens: tokens,
      perSecond,
      connections: CONNECTIONS,
      fromManyAddresses: true,
    });

  const reads = await start(neighbours, NEIGHBOURS * NEIGHBOUR_PACE);
  try {
    await delay(WARM_UP_MS);
    await reads.takeReport();
    await delay(PHASE_MS);
    const alone = await reads.takeReport();
    const noise = await start([noisy], NOISE_PACE);
    await untilLimited(noise);
    await reads.takeReport();
    await delay(PHASE_MS);
    const beside = await reads.takeReport();
    const made = await noise.takeReport();
    await noise.stop();
    show(alone, beside, made);
  } finally {
    await reads.stop();
  }
};

/** The first requests of the window are let in, and are load like any other until the last of them is answered. */
const untilLimited = async (noise: PacedReads): Promise<void> => {
  for (let waitedMs = 0; waitedMs < LIMITED_WITHIN_MS; waitedMs += 500) {
    await delay(500);
    const { requests, failures } = await noise.takeReport();
    if (requests > 0 && failures[LIMITED] === requests) return;
  }
  throw new Error('failed: the noise was let in');
};

const show = (alone: TrafficReport, beside: TrafficReport, noise: TrafficReport): void => {
  console.log(
    `\n${NEIGHBOURS} users with ${NEIGHBOUR_PACE} reads a second each, and one with ${NOISE_PACE}; ` +
      `${PHASE_MS / 1000} s each; ${describeMachine()}\n`,
  );
  console.log(
    table([
      TRAFFIC_HEAD,
      trafficRow('the ten by themselves', alone),
      trafficRow('the ten beside the one', beside),
      trafficRow('the one', noise),
    ]),
  );
  console.log(`\np99 of the ten beside the one / by themselves: ${ratio(beside, alone)}`);
  if (failuresOf(alone) + failuresOf(beside) > 0)
    throw new Error('failed: a neighbour was refused');
  if (failuresOf(noise) < noise.requests) throw new Error('failed: the noise was let in');
};

const ratio = (one: TrafficReport, other: TrafficReport): string =>
  (one.ms.p99 / other.ms.p99).toFixed(2);
