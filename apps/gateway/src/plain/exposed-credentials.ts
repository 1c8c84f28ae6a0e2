import { parseApiKey } from '@sallyport/api-keys';
import type { CallOptions } from '@sallyport/contracts';
import type { ApiKeysClient, AuthClient } from '../upstream/upstream-clients';
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

/** What auth-service ends exposed credentials by. */
export interface ExposureClients {
  readonly auth: Pick<AuthClient, 'revokeToken'>;
  readonly apiKeys: Pick<ApiKeysClient, 'revokeExposedApiKey'>;
}

/**
 * Asks auth-service, which ends an access token by its id, the whole session of a refresh token, and an API key with all
 * of its secrets. What has not the form of an API key stays here.
 */
export function revokedByAuthService({ auth, apiKeys }: ExposureClients): ExposedCredentials {
  return {
    revokeToken: (token, exposure) => auth.revokeToken({ token }, optionsFor(exposure)),
    revokeApiKey: async (presentedKey, exposure) => {
      const key = parseApiKey(presentedKey);
      if (key === undefined) return;
      const { id: apiKeyId, secretHash } = key;
      await apiKeys.revokeExposedApiKey({ apiKeyId, secretHash }, optionsFor(exposure));
    },
  };
}

function optionsFor({ correlationId, clientAddress }: Exposure): CallOptions {
  return {
    timeoutMs: UPSTREAM_TIMEOUT_MS.write,
    metadata: { 'x-correlation-id': correlationId, 'x-client-address': clientAddress },
  };
}
