import { randomBytes } from 'node:crypto';
import { apiKeysV1 } from '@sallyport/contracts';
import { gatewayMetadataFor } from '../identity-metadata';
import { byAnyone, byOperator } from './access';
import type { AccessTable, World } from './access';

const KEY_NOT_FOUND = { status: 'NOT_FOUND', reason: 'api_key_not_found' } as const;

const byKeyOwner = ({ customer }: World): Readonly<Record<string, string>> =>
  gatewayMetadataFor(customer, ['orders:read', 'api-keys:manage']);

/** Of good form, and the id and hash of no key. */
const unknownKey = (): { readonly apiKeyId: string; readonly secretHash: Buffer } => ({
  apiKeyId: '0'.repeat(16),
  secretHash: randomBytes(32),
});

export const API_KEYS_ACCESS: AccessTable<typeof apiKeysV1.ApiKeyServiceDefinition> = {
  createApiKey: {
    caller: 'gateway',
    request: () =>
      apiKeysV1.CreateApiKeyRequest.encode({
        name: 'e2e',
        scopes: ['orders:read'],
        expiresAt: undefined,
      }).finish(),
    metadata: byKeyOwner,
  },
  listApiKeys: {
    caller: 'gateway',
    request: () => apiKeysV1.ListApiKeysRequest.encode({}).finish(),
    metadata: byKeyOwner,
  },
  rotateApiKey: {
    caller: 'gateway',
    request: () =>
      apiKeysV1.RotateApiKeyRequest.encode({ ...unknownKey(), overlapSeconds: 0 }).finish(),
    metadata: byKeyOwner,
    decision: KEY_NOT_FOUND,
  },
  revokeApiKey: {
    caller: 'gateway',
    request: () => apiKeysV1.RevokeApiKeyRequest.encode(unknownKey()).finish(),
    metadata: byKeyOwner,
    decision: KEY_NOT_FOUND,
  },
  revokeAllApiKeys: {
    caller: 'gateway',
    request: () => apiKeysV1.RevokeAllApiKeysRequest.encode({}).finish(),
    metadata: byKeyOwner,
  },
  revokeAccountApiKeys: {
    caller: 'gateway',
    request: ({ customer: { userId: account } }) =>
      apiKeysV1.RevokeAccountApiKeysRequest.encode({ account }).finish(),
    metadata: byOperator,
  },
  resolveApiKey: {
    caller: 'gateway',
    request: () => apiKeysV1.ResolveApiKeyRequest.encode(unknownKey()).finish(),
    metadata: byAnyone,
    decision: { status: 'UNAUTHENTICATED', reason: 'invalid_api_key', recorded: 'api_key_unknown' },
  },
  revokeExposedApiKey: {
    caller: 'gateway',
    request: () => apiKeysV1.RevokeExposedApiKeyRequest.encode(unknownKey()).finish(),
    metadata: byAnyone,
  },
};
