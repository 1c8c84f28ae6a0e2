/**
 * `npm run bench`: an authenticated `GET /orders/{id}` through the gateway beside the bare server of
 * bare-gateway.ts, on one cluster, in alternating rounds, so that a drift of the machine's speed
 * touches both. The ratio of a pair of rounds is the figure to compare between machines.
 */
import type { Cluster } from '@sallyport/launcher';
import { resultOf } from '../child';
import { GatewayClient, newCredentials } from '../gateway-client';
import { withOwnCluster } from '../own-cluster';
import { placeOrder } from '../place-order';
import { describeMachine } from '../surroundings';
import { startBareGateway } from './bare-process';
import type { LoadResult, LoadSettings } from './load';
import { reportRounds } from './report';
import type { Round } from './report';

const CONNECTIONS = 32;
const WARM_UP_SECONDS = 4;
const ROUND_SECONDS = 6;
const ROUNDS = 5;

export const benchGateway = (): Promise<void> => withOwnCluster(measure);

const measure = async (cluster: Cluster): Promise<void> => {
  const client = new GatewayClient(cluster.gatewayUrl, cluster.caFile);
  const signedIn = await client.register(newCredentials());
  const orderPath = await placeOrder(client, signedIn);
  await client.close();
  const bare = await startBareGateway(cluster);
  try {
    const load = async (origin: string, seconds: number): Promise<LoadResult> => {
      const settings: LoadSettings = {
        url: `${origin}${orderPath}`,
        caFile: cluster.caFile,
        accessToken: signedIn.accessToken,
        connections: CONNECTIONS,
        seconds,
      };
      return (await resultOf('gateway/load.js', settings)) as LoadResult;
    };
    console.log(`warming up: ${WARM_UP_SECONDS} s each`);
    await load(cluster.gatewayUrl, WARM_UP_SECONDS);
    await load(bare.origin, WARM_UP_SECONDS);
    const rounds: Round[] = [];
    for (let number = 1; number <= ROUNDS; number += 1) {
      rounds.push({
        gateway: await load(cluster.gatewayUrl, ROUND_SECONDS),
        bare: await load(bare.origin, ROUND_SECONDS),
      });
      console.log(`round ${number} of ${ROUNDS} done`);
    }
    console.log(
      `\nGET /orders/{id}, ${CONNECTIONS} connections, ${ROUNDS} rounds of ${ROUND_SECONDS} s each, ` +
        `${describeMachine()}\n`,
    );
    console.log(reportRounds(rounds));
    if (rounds.some((round) => round.gateway.failed + round.bare.failed > 0)) {
      throw new Error('some requests failed; the figures are not comparable');
    }
  } finally {
    await bare.stop();
  }
};
