import { sql, type Migration } from 'kysely';

/**
 * The authorization server's clients and its artifacts: codes, tokens, grants, browser sessions. What a grant gives its
 * client hangs on a row of `sessions` like everything else an account holds, so that all that ends sessions ends it too.
 */
export const oauth: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE oauth_clients (
        id          text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9._-]{1,62}$'),
        name        text NOT NULL,
        metadata    jsonb NOT NULL,
        created_at  timestamptz(3) NOT NULL,
        disabled_at timestamptz(3),
        tokens_valid_from timestamptz(3) NOT NULL DEFAULT 'epoch'
      )`.execute(db);
    await sql`
      CREATE TABLE oauth_client_secrets (
        client_id   text NOT NULL REFERENCES oauth_clients ON DELETE CASCADE,
        secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
        created_at  timestamptz(3) NOT NULL,
        valid_until timestamptz(3),
        PRIMARY KEY (client_id, secret_hash)
      )`.execute(db);
    await sql`
      CREATE UNIQUE INDEX one_lasting_secret_per_client ON oauth_client_secrets (client_id)
      WHERE valid_until IS NULL`.execute(db);
    await sql`
      CREATE TABLE oauth_artifacts (
        kind        text NOT NULL,
        id_hash     bytea NOT NULL CHECK (octet_length(id_hash) = 32),
        payload     jsonb NOT NULL,
        grant_id    text,
        uid         text,
        account_id  uuid REFERENCES accounts ON DELETE CASCADE,
        client_id   text REFERENCES oauth_clients,
        consumed_at timestamptz(3),
        expires_at  timestamptz(3) NOT NULL,
        PRIMARY KEY (kind, id_hash)
      )`.execute(db);
    await sql`
      CREATE INDEX oauth_artifacts_by_grant ON oauth_artifacts (grant_id)
      WHERE grant_id IS NOT NULL`.execute(db);
    await sql`
      CREATE UNIQUE INDEX oauth_artifacts_by_uid ON oauth_artifacts (uid)
      WHERE uid IS NOT NULL`.execute(db);
    await sql`CREATE INDEX oauth_artifacts_by_account ON oauth_artifacts (account_id)`.execute(db);
    await sql`CREATE INDEX oauth_artifacts_by_client ON oauth_artifacts (client_id)`.execute(db);
    await sql`CREATE INDEX oauth_artifacts_by_expiry ON oauth_artifacts (expires_at)`.execute(db);
    await sql`
      ALTER TABLE sessions
        ADD COLUMN browser_uid text UNIQUE,
        ADD COLUMN grant_id text UNIQUE,
        ADD COLUMN client_id text REFERENCES oauth_clients,
        ALTER COLUMN current_token DROP NOT NULL,
        ADD CONSTRAINT of_one_kind CHECK (num_nonnulls(current_token, browser_uid, grant_id) = 1),
        ADD CONSTRAINT grants_have_clients CHECK ((grant_id IS NULL) = (client_id IS NULL)),
        DROP CONSTRAINT sessions_end_reason_check,
        ADD CONSTRAINT sessions_end_reason_check CHECK (end_reason IN (
          'logout', 'refresh_token_replayed', 'ended_by_user', 'password_changed', 'token_revoked',
          'ended_by_operator', 'account_locked', 'signing_key_tainted', 'too_many_sessions',
          'grant_revoked', 'signed_in_again', 'client_disabled'))`.execute(db);
    await sql`
      CREATE INDEX sessions_by_client ON sessions (client_id)
      WHERE client_id IS NOT NULL`.execute(db);
  },

  async down(db) {
    await sql`DELETE FROM sessions WHERE current_token IS NULL`.execute(db);
    await sql`
      UPDATE sessions SET end_reason = 'logout'
      WHERE end_reason IN ('grant_revoked', 'signed_in_again', 'client_disabled')`.execute(db);
    await sql`
      ALTER TABLE sessions
        DROP COLUMN browser_uid,
        DROP COLUMN grant_id,
        DROP COLUMN client_id,
        ALTER COLUMN current_token SET NOT NULL,
        DROP CONSTRAINT sessions_end_reason_check,
        ADD CONSTRAINT sessions_end_reason_check CHECK (end_reason IN (
          'logout', 'refresh_token_replayed', 'ended_by_user', 'password_changed', 'token_revoked',
          'ended_by_operator', 'account_locked', 'signing_key_tainted', 'too_many_sessions'))
      `.execute(db);
    await sql`DROP TABLE oauth_artifacts`.execute(db);
    await sql`DROP TABLE oauth_client_secrets`.execute(db);
    await sql`DROP TABLE oauth_clients`.execute(db);
  },
};
