import type { Generated } from 'kysely';
import type { SecretSlot } from './api-key';

export interface ApiKeysTable {
  id: string;
  account_id: string;
  name: string;
  scopes: string[];
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Generated<Date | null>;
  /** Null when the usual limit applies. */
  requests_per_minute: Generated<number | null>;
}

/** Secrets are kept as their SHA-256, 32 bytes. */
export interface ApiKeySecretsTable {
  api_key_id: string;
  slot: SecretSlot;
  secret_hash: Buffer;
  created_at: Date;
  /** To five minutes. */
  last_used_at: Generated<Date | null>;
  /** Of the previous one alone. */
  valid_until: Generated<Date | null>;
}
