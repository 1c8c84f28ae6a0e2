/**
 * `npm run bench`: an authenticated `GET /orders/{id}` through the gateway beside the bare server of
 * bare-gateway.ts, on one cluster.
 */
import type { Cluster } from '@sallyport/launcher';
import { resultOf } from '../child';
import { bearer, GatewayClient, newCredentials } from '../gateway-client';
import { withOwnCluster } from '../own-cluster';
import { placeOrder } from '../place-order';
import { startBareGateway } from './bare-process';
import type { LoadResult, LoadSettings } from './load';
import { compareInRounds, CONNECTIONS } from './rounds';

export const benchGateway = (): Promise<void> => withOwnCluster(measure);

const measure = async (cluster: Cluster): Promise<void> => {
  const client = new GatewayClient(cluster.gatewayUrl, cluster.caFile);
  const signedIn = await client.register(newCredentials());
  const orderPath = await placeOrder(client, signedIn);
  await client.close();
  const bare = await startBareGateway(cluster);
  try {
    const loadOf = (origin: string) => async (seconds: number) => {
      const settings: LoadSettings = {
        url: `${origin}${orderPath}`,
        caFile: cluster.caFile,
        headers: bearer(signedIn.accessToken),
        connections: CONNECTIONS,
        seconds,
      };
      return (await resultOf('gateway/load.js', settings)) as LoadResult;
    };
    await compareInRounds(
      'GET /orders/{id}',
      { measured: 'gateway', yardstick: 'bare Node server' },
      { measured: loadOf(cluster.gatewayUrl), yardstick: loadOf(bare.origin) },
    );
  } finally {
    await bare.stop();
  }
};
