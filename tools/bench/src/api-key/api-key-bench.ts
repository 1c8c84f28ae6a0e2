/**
 * `npm run bench -- api-key`: `GET /orders/{id}` with an API key beside the same with an access token, at one gateway. The
 * key is looked up once a minute, as it is for everybody; what is left is its checksum, its hash and the memory.
 */
import type { Cluster } from '@sallyport/launcher';
import { resultOf } from '../child';
import type { LoadResult, LoadSettings } from '../gateway/load';
import { compareInRounds, CONNECTIONS } from '../gateway/rounds';
import { bearer, GatewayClient, newCredentials } from '../gateway-client';
import { withOwnCluster } from '../own-cluster';
import { placeOrder } from '../place-order';

export const benchApiKey = (): Promise<void> => withOwnCluster(measure);

const measure = async (cluster: Cluster): Promise<void> => {
  const client = new GatewayClient(cluster.gatewayUrl, cluster.caFile);
  const signedIn = await client.register(newCredentials());
  const orderPath = await placeOrder(client, signedIn);
  const wanted = { name: 'bench', scopes: ['orders:read'] };
  const issued = await client.post('/api-keys', signedIn.accessToken, wanted);
  const { key } = issued as { readonly key: string };
  await client.close();
  const loadWith = (headers: Readonly<Record<string, string>>) => async (seconds: number) => {
    const settings: LoadSettings = {
      url: `${cluster.gatewayUrl}${orderPath}`,
      caFile: cluster.caFile,
      headers,
      connections: CONNECTIONS,
      seconds,
    };
    return (await resultOf('gateway/load.js', settings)) as LoadResult;
  };
  await compareInRounds(
    'GET /orders/{id}',
    { measured: 'API key', yardstick: 'access token' },
    { measured: loadWith({ 'x-api-key': key }), yardstick: loadWith(bearer(signedIn.accessToken)) },
  );
};
