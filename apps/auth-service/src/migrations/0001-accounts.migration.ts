import { sql } from 'kysely';
import type { Migration } from 'kysely';

/** `email` holds the normalised spelling, so that its uniqueness is that of the address. */
export const accounts: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE accounts (
        id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        email         text NOT NULL UNIQUE CHECK (octet_length(email) <= 254),
        password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
        scopes        text[] NOT NULL,
        created_at    timestamptz(3) NOT NULL
      )`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE accounts`.execute(db);
  },
};
