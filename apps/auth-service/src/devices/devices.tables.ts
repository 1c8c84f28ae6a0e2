import type { Generated } from 'kysely';

export interface TrustedDevicesTable {
  id: Generated<string>;
  account_id: string;
  /** SHA-256. */
  token_hash: Buffer;
  /** The last session that was opened from it by the API. */
  session_id: string | null;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
}
