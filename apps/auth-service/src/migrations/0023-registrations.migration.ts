import { sql, type Migration } from 'kysely';

/**
 * Registrations that wait for a mail to be answered, and what is asked for before it is known whether the address has an
 * account. A mail may go to an address that has none.
 */
export const registrations: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE registration_requests (
        id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        email          text NOT NULL,
        client_address text,
        correlation_id text,
        requested_at   timestamptz(3) NOT NULL
      )`.execute(db);
    await sql`
      CREATE TABLE pending_registrations (
        token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
        email      text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        ended_at   timestamptz(3),
        end_reason text CHECK (end_reason IN ('used', 'superseded')),
        CHECK ((ended_at IS NULL) = (end_reason IS NULL))
      )`.execute(db);
    await sql`
      CREATE INDEX open_pending_registrations_by_email ON pending_registrations (email)
      WHERE ended_at IS NULL`.execute(db);
    await sql`
      CREATE INDEX pending_registrations_by_expiry ON pending_registrations (expires_at)`.execute(
      db,
    );
    await sql`
      ALTER TABLE mails
        ALTER COLUMN account_id DROP NOT NULL,
        ADD COLUMN address text,
        ADD CONSTRAINT mails_receiver_check CHECK (num_nonnulls(account_id, address) = 1)`.execute(
      db,
    );
  },

  async down(db) {
    await sql`DELETE FROM mails WHERE account_id IS NULL`.execute(db);
    await sql`ALTER TABLE mails DROP COLUMN address, ALTER COLUMN account_id SET NOT NULL`.execute(
      db,
    );
    await sql`DROP TABLE pending_registrations`.execute(db);
    await sql`DROP TABLE registration_requests`.execute(db);
  },
};
