import type { Generated } from 'kysely';

/** Tokens are kept as their SHA-256, 32 bytes. */
export interface SessionsTable {
  id: Generated<string>;
  account_id: string;
  current_token: Buffer;
  acr: string;
  amr: string[];
  authenticated_at: Date;
  created_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  end_reason: 'logout' | 'refresh_token_replayed' | null;
}

export interface RotatedTokensTable {
  token: Buffer;
  session_id: string;
  successor: Buffer;
  rotated_at: Date;
}
