import { readFileSync } from 'node:fs';
import { Agent, fetch as undiciFetch } from 'undici';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';

/** The Fetch API, for client libraries, as somebody has it who trusts the cluster's public authority. */
export function publicFetch(
  { gatewayUrl, caFile }: Pick<ClusterFacts, 'gatewayUrl' | 'caFile'> = sharedCluster(),
): typeof fetch {
  const dispatcher = new Agent({
    connect: {
      ca: readFileSync(caFile),
      host: '127.0.0.1',
      servername: new URL(gatewayUrl).hostname,
    },
  });
  return ((input: string, init?: object) =>
    undiciFetch(input, { ...init, dispatcher })) as unknown as typeof fetch;
}
