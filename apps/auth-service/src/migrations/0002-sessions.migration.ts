import { sql } from 'kysely';
import type { Migration } from 'kysely';

/**
 * A session has one column for its current refresh token, so that a second live successor cannot be
 * written down, and every transition is decided by the session's row alone. The tokens it had before
 * are kept beside it for as long as it is: that is how a replay is told from a guess.
 */
export const sessions: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE sessions (
        id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        account_id       uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        current_token    bytea NOT NULL UNIQUE CHECK (octet_length(current_token) = 32),
        acr              text NOT NULL,
        amr              text[] NOT NULL,
        authenticated_at timestamptz(3) NOT NULL,
        created_at       timestamptz(3) NOT NULL,
        expires_at       timestamptz(3) NOT NULL CHECK (expires_at > created_at),
        ended_at         timestamptz(3),
        end_reason       text CHECK (end_reason IN ('logout', 'refresh_token_replayed')),
        CHECK ((ended_at IS NULL) = (end_reason IS NULL))
      )`.execute(db);
    await sql`CREATE INDEX sessions_by_account ON sessions (account_id)`.execute(db);
    await sql`CREATE INDEX sessions_by_expiry ON sessions (expires_at)`.execute(db);
    await sql`
      CREATE TABLE rotated_tokens (
        token      bytea PRIMARY KEY CHECK (octet_length(token) = 32),
        session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
        successor  bytea NOT NULL UNIQUE CHECK (octet_length(successor) = 32),
        rotated_at timestamptz(3) NOT NULL
      )`.execute(db);
    await sql`CREATE INDEX rotated_tokens_by_session ON rotated_tokens (session_id)`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE rotated_tokens`.execute(db);
    await sql`DROP TABLE sessions`.execute(db);
  },
};
