import { sql, type Migration } from 'kysely';

/**
 * Links by which a forgotten password is replaced, and what is asked for before it is known whether there is such an account. A hash
 * of a password may name the pepper that was applied before it.
 */
export const passwordResets: Migration = {
  async up(db) {
    await sql`
      ALTER TABLE accounts
        DROP CONSTRAINT accounts_password_hash_check,
        ADD CONSTRAINT accounts_password_hash_check
          CHECK (password_hash ~ '^(hmac-sha256:[0-9a-f]{16})?\\$argon2id\\$')`.execute(db);
    await sql`
      CREATE TABLE password_reset_requests (
        id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        email          text NOT NULL,
        client_address text,
        correlation_id text,
        requested_at   timestamptz(3) NOT NULL
      )`.execute(db);
    await sql`
      CREATE TABLE password_resets (
        token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
        account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        created_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        ended_at   timestamptz(3),
        end_reason text CHECK (end_reason IN ('used', 'replaced', 'password_changed')),
        CHECK ((ended_at IS NULL) = (end_reason IS NULL))
      )`.execute(db);
    await sql`
      CREATE UNIQUE INDEX one_open_password_reset_per_account ON password_resets (account_id)
      WHERE ended_at IS NULL`.execute(db);
    await sql`CREATE INDEX password_resets_by_expiry ON password_resets (expires_at)`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE password_resets`.execute(db);
    await sql`DROP TABLE password_reset_requests`.execute(db);
    await sql`
      ALTER TABLE accounts
        DROP CONSTRAINT accounts_password_hash_check,
        ADD CONSTRAINT accounts_password_hash_check CHECK (password_hash LIKE '$argon2id$%')
      `.execute(db);
  },
};
