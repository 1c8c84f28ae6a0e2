import { sql } from 'kysely';
import type { Migration } from 'kysely';

/**
 * Everything that can end a session before its time, and a record of it that outlives the session.
 *
 * `revocations` is written in the transaction that ends something, and read by whoever publishes to the feed: the
 * database is the truth, the feed how it travels. What is lasting outlives the feed's retention and is published again.
 */
export const sessionEnds: Migration = {
  async up(db) {
    await sql`
      ALTER TABLE accounts
        ADD COLUMN locked_at         timestamptz(3),
        ADD COLUMN password_version  integer NOT NULL DEFAULT 1,
        ADD COLUMN tokens_valid_from timestamptz(0) NOT NULL DEFAULT 'epoch'`.execute(db);

    await sql`
      ALTER TABLE sessions
        ADD COLUMN last_used_at   timestamptz(3),
        ADD COLUMN client_address text CHECK (octet_length(client_address) <= 64),
        ADD COLUMN user_agent     text CHECK (octet_length(user_agent) <= 256),
        ADD COLUMN signing_keys   text[] NOT NULL DEFAULT '{}',
        DROP CONSTRAINT sessions_end_reason_check,
        ADD CONSTRAINT sessions_end_reason_check CHECK (end_reason IN (
          'logout', 'refresh_token_replayed', 'ended_by_user', 'password_changed',
          'token_revoked', 'ended_by_operator', 'account_locked', 'signing_key_tainted',
          'too_many_sessions'))`.execute(db);
    // Which of the keys signed for a session that is open already is not known: any of them.
    await sql`
      UPDATE sessions
      SET last_used_at = created_at,
          signing_keys = (SELECT coalesce(array_agg(kid), '{}') FROM signing_keys)`.execute(db);
    await sql`
      ALTER TABLE sessions
        ALTER COLUMN last_used_at SET DEFAULT now(),
        ALTER COLUMN last_used_at SET NOT NULL`.execute(db);
    await sql`
      CREATE INDEX sessions_by_signing_key ON sessions USING gin (signing_keys)
      WHERE ended_at IS NULL`.execute(db);
    await sql`ALTER TABLE rotated_tokens ADD COLUMN sealed_successor bytea`.execute(db);
    await sql`
      CREATE INDEX rotated_tokens_in_grace ON rotated_tokens (rotated_at)
      WHERE sealed_successor IS NOT NULL`.execute(db);

    await sql`
      CREATE TABLE revocations (
        id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind          text NOT NULL CHECK (kind IN (
                        'token', 'session', 'subject', 'client', 'api_key', 'signing_key')),
        revoked_id    text NOT NULL CHECK (revoked_id ~ '^[!-~]{1,255}$'),
        issued_before timestamptz(0),
        reason        text NOT NULL,
        recorded_at   timestamptz(3) NOT NULL,
        expires_at    timestamptz(0) NOT NULL,
        published_at  timestamptz(3),
        is_lasting    boolean GENERATED ALWAYS AS (kind IN ('api_key', 'signing_key')) STORED,
        CHECK ((kind IN ('subject', 'client')) = (issued_before IS NOT NULL))
      )`.execute(db);
    await sql`
      CREATE INDEX revocations_to_publish ON revocations (id)
      WHERE published_at IS NULL`.execute(db);
    await sql`
      CREATE INDEX revocations_to_publish_again ON revocations (published_at)
      WHERE is_lasting`.execute(db);
    await sql`CREATE INDEX revocations_by_revoked_id ON revocations (revoked_id)`.execute(db);
    // Whoever revokes a token again and again adds nothing.
    await sql`
      CREATE UNIQUE INDEX one_revocation_per_token ON revocations (revoked_id)
      WHERE kind = 'token'`.execute(db);
    await sql`CREATE INDEX revocations_by_expiry ON revocations (expires_at)`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE revocations`.execute(db);
    await sql`ALTER TABLE rotated_tokens DROP COLUMN sealed_successor`.execute(db);
    await sql`
      ALTER TABLE sessions
        DROP COLUMN last_used_at,
        DROP COLUMN client_address,
        DROP COLUMN user_agent,
        DROP COLUMN signing_keys`.execute(db);
    await sql`
      ALTER TABLE accounts
        DROP COLUMN locked_at,
        DROP COLUMN password_version,
        DROP COLUMN tokens_valid_from`.execute(db);
  },
};
