import type { ConnectionOptions } from 'node:tls';
import type { ClusterFacts } from './cluster-facts';
import { PublicClient } from './public-client';
import type { PublicClientOptions } from './public-client';
import type { PublicResponse } from './public-response';

/** Reaches the gateway as a partner does, over one connection that stays open, with this certificate or whatever is given. */
export function partnerClient(
  { partnersUrl, caFile }: Pick<ClusterFacts, 'caFile' | 'partnersUrl'>,
  tls: ConnectionOptions,
  options: Pick<PublicClientOptions, 'port'> = {},
): PublicClient {
  return new PublicClient({ gatewayUrl: partnersUrl, caFile }, { connections: 1, tls, ...options });
}

/** Fetches a token that is bound to the client's certificate. */
export async function partnerToken(client: PublicClient, scope = ''): Promise<string> {
  const response = await requestToken(client, [
    ['grant_type', 'client_credentials'],
    ['scope', scope],
  ]);
  if (response.status !== 200) throw new Error(`no token: ${response.body}`);
  return (response.json as { readonly access_token: string }).access_token;
}

export function requestToken(
  client: PublicClient,
  form: readonly (readonly [string, string])[],
): Promise<PublicResponse> {
  return client.send({ method: 'POST', path: '/oauth2/token', form });
}
