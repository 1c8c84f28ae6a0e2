import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { Agent, fetch as undiciFetch } from 'undici';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';

/**
 * The Fetch API, for client libraries, as somebody has it who trusts the cluster's public authority; who presents a
 * certificate where one is asked for, when it is given.
 */
export function publicFetch(
  { cert, key }: Pick<ConnectionOptions, 'cert' | 'key'> = {},
  { gatewayUrl, caFile }: Pick<ClusterFacts, 'gatewayUrl' | 'caFile'> = sharedCluster(),
): typeof fetch {
  const dispatcher = new Agent({
    connect: {
      ca: readFileSync(caFile),
      host: '127.0.0.1',
      servername: new URL(gatewayUrl).hostname,
      ...(cert !== undefined && { cert, key }),
    },
  });
  return ((input: string, init?: object) =>
    undiciFetch(input, { ...init, dispatcher })) as unknown as typeof fetch;
}
