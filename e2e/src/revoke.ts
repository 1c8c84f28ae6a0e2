import type { PublicClient } from './public-client';
import type { PublicResponse } from './public-response';

/** Presents a token for revocation (RFC 7009 section 2.1). */
export function revoke(
  client: PublicClient,
  token: string,
  ...more: readonly (readonly [name: string, value: string])[]
): Promise<PublicResponse> {
  return client.send({
    method: 'POST',
    path: '/oauth2/revoke',
    form: [['token', token], ...more],
  });
}
