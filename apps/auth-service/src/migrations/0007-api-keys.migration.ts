import { sql } from 'kysely';
import type { Migration } from 'kysely';

/**
 * A key has one row, and one more for each of its at most two secrets: the slot is part of the primary key, so that a
 * third secret cannot be written down. Secrets are kept as their SHA-256.
 */
export const apiKeys: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE api_keys (
        id                  text PRIMARY KEY CHECK (id ~ '^[0-9A-Za-z]{16}$'),
        account_id          uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        name                text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
        scopes              text[] NOT NULL CHECK (cardinality(scopes) > 0),
        created_at          timestamptz(3) NOT NULL,
        expires_at          timestamptz(3) CHECK (expires_at > created_at),
        revoked_at          timestamptz(3),
        requests_per_minute integer CHECK (requests_per_minute BETWEEN 1 AND 1000000)
      )`.execute(db);
    await sql`CREATE INDEX api_keys_by_account ON api_keys (account_id, created_at)`.execute(db);
    await sql`CREATE INDEX api_keys_by_end ON api_keys (least(revoked_at, expires_at))`.execute(db);
    await sql`
      CREATE TABLE api_key_secrets (
        api_key_id   text NOT NULL REFERENCES api_keys ON DELETE CASCADE,
        slot         text NOT NULL CHECK (slot IN ('current', 'previous')),
        secret_hash  bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
        created_at   timestamptz(3) NOT NULL,
        last_used_at timestamptz(3),
        valid_until  timestamptz(3),
        PRIMARY KEY (api_key_id, slot),
        CHECK ((slot = 'previous') = (valid_until IS NOT NULL))
      )`.execute(db);
    await sql`
      CREATE INDEX api_key_secrets_by_end ON api_key_secrets (valid_until)
      WHERE slot = 'previous'`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE api_key_secrets`.execute(db);
    await sql`DROP TABLE api_keys`.execute(db);
  },
};
