import { sql } from 'kysely';
import type { RawBuilder, Selectable } from 'kysely';
import type { ApiKey, ApiKeySecretUse } from './api-key';
import type { ApiKeysTable } from './api-keys.tables';

/** A key with both of its secrets, side by side. */
export interface ApiKeyRow extends Selectable<ApiKeysTable> {
  readonly current_created_at: Date;
  readonly current_last_used_at: Date | null;
  readonly previous_created_at: Date | null;
  readonly previous_last_used_at: Date | null;
  readonly previous_valid_until: Date | null;
}

/** What an {@link ApiKeyRow} is selected from. A previous secret that worked for the last time before then is left out. */
export function apiKeyColumns(since: Date): RawBuilder<unknown> {
  return sql`api_keys.*,
      current.created_at AS current_created_at, current.last_used_at AS current_last_used_at,
      previous.created_at AS previous_created_at, previous.last_used_at AS previous_last_used_at,
      previous.valid_until AS previous_valid_until
    FROM api_keys
    JOIN api_key_secrets AS current
      ON current.api_key_id = api_keys.id AND current.slot = 'current'
    LEFT JOIN api_key_secrets AS previous
      ON previous.api_key_id = api_keys.id AND previous.slot = 'previous'
        AND previous.valid_until > ${since}`;
}

export function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    scopes: row.scopes,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    requestsPerMinute: row.requests_per_minute ?? undefined,
    current: {
      createdAt: row.current_created_at,
      lastUsedAt: row.current_last_used_at ?? undefined,
      validUntil: undefined,
    },
    previous: previousOf(row),
  };
}

function previousOf(row: ApiKeyRow): ApiKeySecretUse | undefined {
  if (row.previous_created_at === null) return undefined;
  return {
    createdAt: row.previous_created_at,
    lastUsedAt: row.previous_last_used_at ?? undefined,
    validUntil: row.previous_valid_until ?? undefined,
  };
}
