import { sql, type Migration } from 'kysely';

/** Mail that is to be sent, written down by the transaction that makes it necessary; a row is removed once its mail was sent. */
export const mails: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE mails (
        id                uuid PRIMARY KEY,
        account_id        uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        kind              text NOT NULL,
        sealed_secret     bytea,
        sealing_key_id    text,
        sealing_algorithm text,
        created_at        timestamptz(3) NOT NULL,
        due_at            timestamptz(3) NOT NULL,
        expires_at        timestamptz(3) NOT NULL,
        attempts          integer NOT NULL DEFAULT 0,
        CHECK (num_nulls(sealed_secret, sealing_key_id, sealing_algorithm) IN (0, 3))
      )`.execute(db);
    await sql`CREATE INDEX mails_by_due ON mails (due_at)`.execute(db);
    await sql`CREATE INDEX mails_by_expiry ON mails (expires_at)`.execute(db);
    await sql`CREATE INDEX mails_by_account ON mails (account_id)`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE mails`.execute(db);
  },
};
