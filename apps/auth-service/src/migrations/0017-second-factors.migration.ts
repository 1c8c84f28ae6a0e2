import { sql, type Migration } from 'kysely';

/**
 * Second factors: what makes TOTP codes, recovery codes, and the challenges of those whose password was right. A factor
 * that is being enrolled stands beside the one in use until it is confirmed.
 */
export const secondFactors: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE totp_factors (
        id                uuid PRIMARY KEY,
        account_id        uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        state             text NOT NULL CHECK (state IN ('pending', 'active')),
        sealed_secret     bytea NOT NULL,
        sealing_key_id    text NOT NULL,
        sealing_algorithm text NOT NULL,
        password_version  integer NOT NULL,
        last_step         bigint NOT NULL DEFAULT -1,
        created_at        timestamptz(3) NOT NULL,
        expires_at        timestamptz(3),
        confirmed_at      timestamptz(3),
        UNIQUE (account_id, state),
        CHECK ((state = 'pending') = (expires_at IS NOT NULL)),
        CHECK ((state = 'active') = (confirmed_at IS NOT NULL))
      )`.execute(db);
    await sql`
      CREATE INDEX totp_factors_by_expiry ON totp_factors (expires_at)
      WHERE expires_at IS NOT NULL`.execute(db);
    await sql`
      CREATE TABLE recovery_codes (
        account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        code_hash  bytea NOT NULL CHECK (octet_length(code_hash) = 32),
        salt       bytea NOT NULL CHECK (octet_length(salt) = 16),
        created_at timestamptz(3) NOT NULL,
        used_at    timestamptz(3),
        PRIMARY KEY (account_id, code_hash)
      )`.execute(db);
    await sql`
      CREATE TABLE mfa_challenges (
        token_hash       bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
        account_id       uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        password_version integer NOT NULL,
        attempts_left    integer NOT NULL CHECK (attempts_left >= 0),
        created_at       timestamptz(3) NOT NULL,
        expires_at       timestamptz(3) NOT NULL
      )`.execute(db);
    await sql`CREATE INDEX mfa_challenges_by_account ON mfa_challenges (account_id)`.execute(db);
    await sql`CREATE INDEX mfa_challenges_by_expiry ON mfa_challenges (expires_at)`.execute(db);
    await sql`
      ALTER TABLE sessions
        DROP CONSTRAINT sessions_end_reason_check,
        ADD CONSTRAINT sessions_end_reason_check CHECK (end_reason IN (
          'logout', 'refresh_token_replayed', 'ended_by_user', 'password_changed', 'token_revoked',
          'ended_by_operator', 'account_locked', 'signing_key_tainted', 'too_many_sessions',
          'grant_revoked', 'signed_in_again', 'client_disabled', 'factor_changed'))`.execute(db);
  },

  async down(db) {
    await sql`
      UPDATE sessions SET end_reason = 'password_changed'
      WHERE end_reason = 'factor_changed'`.execute(db);
    await sql`
      ALTER TABLE sessions
        DROP CONSTRAINT sessions_end_reason_check,
        ADD CONSTRAINT sessions_end_reason_check CHECK (end_reason IN (
          'logout', 'refresh_token_replayed', 'ended_by_user', 'password_changed', 'token_revoked',
          'ended_by_operator', 'account_locked', 'signing_key_tainted', 'too_many_sessions',
          'grant_revoked', 'signed_in_again', 'client_disabled'))`.execute(db);
    await sql`DROP TABLE mfa_challenges`.execute(db);
    await sql`DROP TABLE recovery_codes`.execute(db);
    await sql`DROP TABLE totp_factors`.execute(db);
  },
};
