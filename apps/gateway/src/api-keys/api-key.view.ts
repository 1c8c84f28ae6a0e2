import type { apiKeysV1 } from '@sallyport/contracts';
import { required } from '../upstream/upstream-response';
import type { ApiKeySecretView, ApiKeyView, IssuedApiKeyView } from './api-key.dtos';

/** @throws UpstreamResponseInvalid when a field that every key has is missing. */
export function apiKeyView(key: apiKeysV1.ApiKey): ApiKeyView {
  const { id, name, scopes, createdAt, expiresAt, revokedAt, requestsPerMinute } = key;
  return {
    id,
    name,
    scopes,
    createdAt: required(createdAt, 'api_key.created_at').toISOString(),
    expiresAt: instant(expiresAt),
    revokedAt: instant(revokedAt),
    requestsPerMinute: requestsPerMinute === 0 ? null : requestsPerMinute,
    current: secretView(required(key.current, 'api_key.current')),
    previous: key.previous === undefined ? null : secretView(key.previous),
  };
}

/** A key together with its secret. */
export function issuedApiKeyView(
  issued: Pick<apiKeysV1.CreateApiKeyResponse, 'apiKey' | 'presentedKey'>,
): IssuedApiKeyView {
  const key = issued.presentedKey === '' ? undefined : issued.presentedKey;
  return {
    ...apiKeyView(required(issued.apiKey, 'api_key')),
    key: required(key, 'presented_key'),
  };
}

function secretView({
  createdAt,
  lastUsedAt,
  validUntil,
}: apiKeysV1.ApiKeySecretUse): ApiKeySecretView {
  return {
    createdAt: required(createdAt, 'api_key.secret.created_at').toISOString(),
    lastUsedAt: instant(lastUsedAt),
    validUntil: instant(validUntil),
  };
}

function instant(time: Date | undefined): string | null {
  return time?.toISOString() ?? null;
}
