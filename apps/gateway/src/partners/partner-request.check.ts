import type { HygieneRefusal, RequestHead } from '../hygiene/hygiene-check';
import { TOKEN_ENDPOINT } from './token-endpoint';

/**
 * Refuses, on the partner listener, a credential beside the certificate of the connection (R7): an API key anywhere, and a
 * bearer token where one is asked for. Elsewhere a token bound to the certificate says less than the certificate does, and
 * is not another one; an OAuth client may authenticate by a secret, and has its token bound to the certificate.
 */
export function checkPartnerCredentials({ headers, url }: RequestHead): HygieneRefusal | undefined {
  const asksForToken = url?.split('?', 1)[0] === TOKEN_ENDPOINT;
  const hasSecond =
    headers['x-api-key'] !== undefined ||
    (asksForToken && !/^basic /i.test(headers.authorization ?? 'basic '));
  return hasSecond ? 'multiple_credentials' : undefined;
}
