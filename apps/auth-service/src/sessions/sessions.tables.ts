import type { Generated } from 'kysely';
import type { SessionEnd } from './session';

/** Tokens are kept as their SHA-256, 32 bytes. */
export interface SessionsTable {
  id: Generated<string>;
  account_id: string;
  /** Null for a session of the authorization server, which is named by one of the two below. */
  current_token: Buffer | null;
  browser_uid: Generated<string | null>;
  grant_id: Generated<string | null>;
  /** The client a grant was given to. */
  client_id: Generated<string | null>;
  /** Whether that client takes the account for signed in: it was given an ID token, and not told since. */
  client_knows: Generated<boolean>;
  /** The `sid` of those ID tokens. */
  client_sid: Generated<string | null>;
  acr: string;
  amr: string[];
  authenticated_at: Date;
  created_at: Date;
  expires_at: Date;
  /** When a token was last issued in it. */
  last_used_at: Generated<Date>;
  client_address: string | null;
  user_agent: string | null;
  /** Every key that has signed an access token of it. */
  signing_keys: Generated<string[]>;
  ended_at: Date | null;
  end_reason: SessionEnd | null;
}

export interface RotatedTokensTable {
  token: Buffer;
  session_id: string;
  successor: Buffer;
  rotated_at: Date;
  /** The successor, to be opened with the token alone; only while a grace is granted. */
  sealed_successor: Generated<Buffer | null>;
}
