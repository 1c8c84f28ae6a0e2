import { sql, type Migration } from 'kysely';

/** Devices that a sign-in was completed from, by the digests of their tokens; and what a mail tells beside its kind. */
export const trustedDevices: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE trusted_devices (
        id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        account_id   uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        token_hash   bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
        session_id   uuid REFERENCES sessions ON DELETE SET NULL,
        created_at   timestamptz(3) NOT NULL,
        last_used_at timestamptz(3) NOT NULL,
        expires_at   timestamptz(3) NOT NULL
      )`.execute(db);
    await sql`CREATE INDEX trusted_devices_by_account ON trusted_devices (account_id)`.execute(db);
    await sql`CREATE INDEX trusted_devices_by_session ON trusted_devices (session_id)`.execute(db);
    await sql`CREATE INDEX trusted_devices_by_expiry ON trusted_devices (expires_at)`.execute(db);
    await sql`ALTER TABLE mails ADD COLUMN details jsonb`.execute(db);
  },

  async down(db) {
    await sql`ALTER TABLE mails DROP COLUMN details`.execute(db);
    await sql`DROP TABLE trusted_devices`.execute(db);
  },
};
