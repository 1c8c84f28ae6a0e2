import type { Generated, GeneratedAlways } from 'kysely';

/** What somebody asked for; whether there is such an account is looked up afterwards. */
export interface PasswordResetRequestsTable {
  id: GeneratedAlways<number>;
  email: string;
  client_address: string | null;
  correlation_id: string | null;
  requested_at: Date;
}

/** Why a link no longer works before its time. */
export type ResetEnd = 'used' | 'replaced' | 'password_changed';

export interface PasswordResetsTable {
  /** SHA-256 of the token. */
  token_hash: Buffer;
  account_id: string;
  created_at: Date;
  expires_at: Date;
  ended_at: Generated<Date | null>;
  end_reason: Generated<ResetEnd | null>;
}
