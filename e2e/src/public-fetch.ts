import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { Agent, buildConnector, fetch as undiciFetch } from 'undici';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';
import { endpointOf } from './dialling';

/**
 * The Fetch API, for client libraries, as somebody has it who trusts the cluster's public authority; who presents a
 * certificate where one is asked for, when it is given.
 */
export function publicFetch(
  { cert, key }: Pick<ConnectionOptions, 'cert' | 'key'> = {},
  { caFile }: Pick<ClusterFacts, 'caFile'> = sharedCluster(),
): typeof fetch {
  const connect = buildConnector({
    ca: caFile === undefined ? undefined : readFileSync(caFile),
    ...(cert !== undefined && { cert, key }),
  });
  const dispatcher = new Agent({
    connect: (options, done) => {
      const { host, port } = endpointOf(new URL(`${options.protocol}//${options.host ?? ''}`));
      const servername = options.servername ?? options.hostname;
      connect({ ...options, hostname: host, port: String(port), servername }, done);
    },
  });
  return ((input: string, init?: object) =>
    undiciFetch(input, { ...init, dispatcher })) as unknown as typeof fetch;
}
