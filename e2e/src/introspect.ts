import type { RegisteredClient } from './oauth-clients';
import { basic, pairsOf } from './oauth-requests';
import type { Parameters } from './oauth-requests';
import type { PublicClient, WireHeaders } from './public-client';
import type { PublicResponse } from './public-response';

/** Asks what a token is worth (RFC 7662 section 2.1), by whatever authentication the headers or parameters carry. */
export function introspect(
  client: PublicClient,
  parameters: Parameters,
  headers: WireHeaders = [],
): Promise<PublicResponse> {
  const form = pairsOf(parameters);
  return client.send({ method: 'POST', path: '/oauth2/introspect', headers, form });
}

/** The same by a client that authenticates by its secret. */
export function introspectAs(
  client: PublicClient,
  { id, secret }: RegisteredClient,
  token: string,
  hint?: string,
): Promise<PublicResponse> {
  return introspect(client, { token, token_type_hint: hint }, basic(id, secret));
}
