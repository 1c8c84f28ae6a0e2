import { sql, type Migration } from 'kysely';

/**
 * Passkeys (WebAuthn Level 3), the challenges they answer, and the handle by which an authenticator knows an account: random,
 * because whoever holds the authenticator may read it (section 14.6.1).
 */
export const passkeys: Migration = {
  async up(db) {
    await sql`
      ALTER TABLE accounts ADD COLUMN user_handle bytea NOT NULL UNIQUE
        DEFAULT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')
        CHECK (octet_length(user_handle) = 32)`.execute(db);
    await sql`
      CREATE TABLE passkeys (
        id                 uuid PRIMARY KEY,
        account_id         uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        credential_id      bytea NOT NULL UNIQUE
                           CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
        public_key         bytea NOT NULL,
        sign_count         bigint NOT NULL CHECK (sign_count >= 0),
        transports         text[] NOT NULL,
        aaguid             uuid NOT NULL,
        backup_eligible    boolean NOT NULL,
        backed_up          boolean NOT NULL,
        name               text NOT NULL,
        created_at         timestamptz(3) NOT NULL,
        last_used_at       timestamptz(3),
        suspected_clone_at timestamptz(3),
        CHECK (backup_eligible OR NOT backed_up)
      )`.execute(db);
    await sql`CREATE INDEX passkeys_by_account ON passkeys (account_id)`.execute(db);
    await sql`
      CREATE TABLE webauthn_challenges (
        challenge_hash   bytea PRIMARY KEY CHECK (octet_length(challenge_hash) = 32),
        purpose          text NOT NULL
                         CHECK (purpose IN ('enrol', 'login', 'second_factor', 'step_up')),
        account_id       uuid REFERENCES accounts ON DELETE CASCADE,
        password_version integer,
        bound_to         bytea CHECK (octet_length(bound_to) = 32),
        expires_at       timestamptz(3) NOT NULL,
        CHECK (num_nulls(account_id, password_version, bound_to) =
          CASE purpose WHEN 'login' THEN 3 ELSE 0 END)
      )`.execute(db);
    await sql`
      CREATE INDEX webauthn_challenges_by_account ON webauthn_challenges (account_id)
      WHERE account_id IS NOT NULL`.execute(db);
    await sql`
      CREATE INDEX webauthn_challenges_by_expiry ON webauthn_challenges (expires_at)`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE webauthn_challenges`.execute(db);
    await sql`DROP TABLE passkeys`.execute(db);
    await sql`ALTER TABLE accounts DROP COLUMN user_handle`.execute(db);
  },
};
