import type { AuthClient } from '../upstream/upstream-clients';
import { UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';

/** Where a credential was seen. */
export interface Exposure {
  readonly correlationId: string;
  readonly clientAddress: string;
}

/**
 * Ends credentials that travelled in clear. Having one is the authorisation to end it; a value that is none is no error.
 * A rejection means that it could not be done now.
 */
export interface ExposedCredentials {
  revokeToken(presentedToken: string, exposure: Exposure): Promise<unknown>;
  revokeApiKey(presentedKey: string, exposure: Exposure): Promise<unknown>;
}

/** Asks auth-service, which ends an access token by its id, and the whole session of a refresh token. */
export function revokedByAuthService(auth: Pick<AuthClient, 'revokeToken'>): ExposedCredentials {
  return {
    revokeToken: (token, { correlationId, clientAddress }) =>
      auth.revokeToken(
        { token },
        {
          timeoutMs: UPSTREAM_TIMEOUT_MS.write,
          metadata: { 'x-correlation-id': correlationId, 'x-client-address': clientAddress },
        },
      ),
    // The security event names the exposure; the key itself goes on working until its owner rotates it.
    revokeApiKey: () => Promise.resolve(),
  };
}
