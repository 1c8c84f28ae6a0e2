import type { HygieneRefusal, RequestHead } from '../hygiene/hygiene-check';
import { TOKEN_ENDPOINT } from './token-endpoint';

/**
 * Refuses, on the partner listener, a credential beside the certificate of the connection (R7): an API key anywhere, and a
 * bearer token where the certificate asks for one. Elsewhere a token bound to the certificate says less than the
 * certificate does, and is not another one.
 */
export function checkPartnerCredentials({ headers, url }: RequestHead): HygieneRefusal | undefined {
  const asksForToken = url?.split('?', 1)[0] === TOKEN_ENDPOINT;
  const hasSecond =
    headers['x-api-key'] !== undefined || (asksForToken && headers.authorization !== undefined);
  return hasSecond ? 'multiple_credentials' : undefined;
}
