import { sql } from 'kysely';
import type { Migration } from 'kysely';

/**
 * The key that signs is the one active row; a second cannot be written. A retired key is published
 * until `verifies_until`, when the last token it signed has expired.
 */
export const signingKeys: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE signing_keys (
        kid                text PRIMARY KEY,
        state              text NOT NULL CHECK (state IN ('prepared', 'active', 'retired')),
        public_jwk         jsonb NOT NULL,
        sealed_private_key bytea NOT NULL,
        sealing_key_id     text NOT NULL,
        sealing_algorithm  text NOT NULL,
        created_at         timestamptz(3) NOT NULL,
        verifies_until     timestamptz(3),
        CHECK ((state = 'retired') = (verifies_until IS NOT NULL))
      )`.execute(db);
    await sql`
      CREATE UNIQUE INDEX one_active_signing_key ON signing_keys (state)
      WHERE state = 'active'`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE signing_keys`.execute(db);
  },
};
