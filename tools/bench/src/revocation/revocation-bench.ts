/**
 * `npm run bench -- revocation`: how long two gateways go on accepting a token after it was withdrawn, while both serve
 * other requests. The revocation goes to the first; the token is presented to both until each has refused it.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '@sallyport/launcher';
import { BOUND_MS } from '../first-refusal';
import { GatewayClient, newCredentials } from '../gateway-client';
import { withOwnCluster } from '../own-cluster';
import { placeOrder } from '../place-order';
import { startSecondGateway } from '../second-gateway';
import { describeMachine } from '../surroundings';
import { table } from '../table';
import { PacedReads } from '../traffic/paced-reads-process';
import type { TrafficReport } from '../traffic/traffic';
import { failuresOf, TRAFFIC_HEAD, trafficRow } from '../traffic/traffic-table';
import { measureRevocation } from './measure-revocation';
import type { MeasuredRevocation, RevocationSettings } from './measure-revocation';
import { prepareTokens } from './prepare-tokens';
import { reportRevocations, slowestP99FromAnswer } from './report';
import { KINDS } from './revocable-token';
import type { RevocableToken } from './revocable-token';

const REVOCATIONS = 200;
/** An account has at most 100 live sessions, and two tokens of three are of one of their own. */
const TOKENS_PER_ACCOUNT = 100;
/** Answered to every account alike. */
const POLLED_PATH = '/orders';
const READS_PER_SECOND = 200;
const READ_CONNECTIONS = 4;
const TARGET_P99_MS = 100;
const WARM_UP_MS = 3_000;

/** Between two revocations, so that they fall anywhere between two heartbeats of the feed. */
const PAUSE_MS = { from: 50, to: 300 };

export const benchRevocation = (): Promise<void> =>
  withOwnCluster(async (cluster, home) => {
    const second = await startSecondGateway(cluster, home);
    try {
      await benchGateways(cluster, [cluster.gatewayUrl, second.origin]);
    } finally {
      await second.stop();
    }
  });

const benchGateways = async (
  { gatewayUrl, caFile }: Cluster,
  origins: readonly string[],
): Promise<void> => {
  const revoker = new GatewayClient(gatewayUrl, caFile);
  const lasting = await revoker.register(newCredentials());
  const path = await placeOrder(revoker, lasting);
  console.log(`preparing ${REVOCATIONS} access tokens`);
  const tokens: RevocableToken[] = [];
  while (tokens.length < REVOCATIONS) {
    const credentials = newCredentials();
    const owner = { credentials, lasting: await revoker.register(credentials) };
    tokens.push(...(await prepareTokens(revoker, owner, TOKENS_PER_ACCOUNT)));
  }
  const pollers = origins.map((origin) => new GatewayClient(origin, caFile));
  const reads = await PacedReads.start({
    origins,
    caFile,
    path,
    accessTokens: [lasting.accessToken],
    perSecond: READS_PER_SECOND,
    connections: READ_CONNECTIONS,
  });
  try {
    await delay(WARM_UP_MS);
    await reads.takeReport();
    const measured = await revokeInTurn(tokens, { revoker, pollers, path: POLLED_PATH });
    const background = await reads.takeReport();
    const acceptedAgain = await countAccepted(tokens, pollers, POLLED_PATH);
    show(measured, background, origins.length);
    refuseFailures(measured, background, acceptedAgain);
  } finally {
    await reads.stop();
    await Promise.all([revoker, ...pollers].map((client) => client.close()));
  }
};

const revokeInTurn = async (
  tokens: readonly RevocableToken[],
  surroundings: Omit<RevocationSettings, 'token'>,
): Promise<readonly MeasuredRevocation[]> => {
  const measured: MeasuredRevocation[] = [];
  for (const token of tokens) {
    measured.push(await measureRevocation({ token, ...surroundings }));
    if (measured.length % 50 === 0) console.log(`${measured.length} of ${tokens.length} revoked`);
    await delay(randomInt(PAUSE_MS.from, PAUSE_MS.to));
  }
  return measured;
};

/** How many of the withdrawn tokens a gateway takes after all. */
const countAccepted = async (
  tokens: readonly RevocableToken[],
  pollers: readonly GatewayClient[],
  path: string,
): Promise<number> => {
  let accepted = 0;
  for (const { accessToken } of tokens) {
    for (const client of pollers) {
      if ((await client.statusOf(path, accessToken)) !== 401) accepted += 1;
    }
  }
  return accepted;
};

const show = (
  measured: readonly MeasuredRevocation[],
  background: TrafficReport,
  gatewayCount: number,
): void => {
  console.log(
    `\n${measured.length} revocations (${KINDS.join(', ')} in turn) sent to gateway 1; the token presented to ` +
      `${gatewayCount} gateways on one connection each, the next request at once; beside it ${READS_PER_SECOND} ` +
      `GET /orders/{id} a second on ${READ_CONNECTIONS} connections per gateway; ${describeMachine()}\n`,
  );
  console.log(reportRevocations(measured, gatewayCount));
  console.log(`\n${table([TRAFFIC_HEAD, trafficRow('reads beside it', background)])}`);
};

const refuseFailures = (
  measured: readonly MeasuredRevocation[],
  background: TrafficReport,
  acceptedAgain: number,
): void => {
  const p99 = slowestP99FromAnswer(measured, measured[0]?.gateways.length ?? 0);
  const failures = [
    ...(p99 < TARGET_P99_MS ? [] : [`p99 from the answer is ${p99.toFixed(1)} ms`]),
    ...(acceptedAgain === 0 ? [] : [`${acceptedAgain} withdrawn tokens were taken again`]),
    ...(failuresOf(background) === 0 ? [] : ['reads beside the revocations failed']),
  ];
  if (failures.length > 0) throw new Error(`failed: ${failures.join('; ')}`);
  console.log(
    `\np99 from the answer is below ${TARGET_P99_MS} ms, no refusal took longer than ${BOUND_MS} ms, ` +
      'and no withdrawn token was taken again',
  );
};
