import { sql, type Migration } from 'kysely';

/**
 * Which clients take somebody for signed in, and which are to be told that it is over: an outbox, written by the statement
 * that ends the session.
 */
export const logoutNotices: Migration = {
  async up(db) {
    await sql`
      ALTER TABLE sessions
        ADD COLUMN client_knows boolean NOT NULL DEFAULT false,
        ADD COLUMN client_sid text,
        ADD CONSTRAINT clients_know_of_grants CHECK (NOT client_knows OR client_id IS NOT NULL)
      `.execute(db);
    await sql`
      CREATE TABLE oauth_logout_notices (
        id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        client_id  text NOT NULL REFERENCES oauth_clients ON DELETE CASCADE,
        account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        client_sid text,
        attempts   integer NOT NULL DEFAULT 0,
        due_at     timestamptz(3) NOT NULL
      )`.execute(db);
    await sql`CREATE INDEX oauth_logout_notices_due ON oauth_logout_notices (due_at)`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE oauth_logout_notices`.execute(db);
    await sql`
      ALTER TABLE sessions DROP COLUMN client_knows, DROP COLUMN client_sid`.execute(db);
  },
};
