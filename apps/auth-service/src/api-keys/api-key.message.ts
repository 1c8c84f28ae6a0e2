import type { apiKeysV1 } from '@sallyport/contracts';
import type { ApiKey } from './api-key';

/** A key as it is sent. */
export function toMessage(key: ApiKey): apiKeysV1.ApiKey {
  return {
    id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    createdAt: key.createdAt,
    expiresAt: key.expiresAt,
    revokedAt: key.revokedAt,
    current: { ...key.current },
    previous: key.previous && { ...key.previous },
    requestsPerMinute: key.requestsPerMinute ?? 0,
  };
}
