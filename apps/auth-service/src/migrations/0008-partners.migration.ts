import { sql } from 'kysely';
import type { Migration } from 'kysely';

/**
 * Partner organisations and what they are known by. A thumbprint or a name leads to one partner, because it can be
 * stored once. A row of a certificate outlives its revocation, so that what was withdrawn is never added again; one
 * that no partner has registered can be withdrawn too.
 */
export const partners: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE partners (
        id                  text PRIMARY KEY CHECK (id ~ '^[a-z0-9](-?[a-z0-9])*$' AND octet_length(id) <= 63),
        name                text NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 200),
        scopes              text[] NOT NULL,
        requests_per_minute integer CHECK (requests_per_minute > 0),
        disabled_at         timestamptz(3),
        tokens_valid_from   timestamptz(0) NOT NULL DEFAULT 'epoch',
        created_at          timestamptz(3) NOT NULL
      )`.execute(db);
    await sql`
      CREATE TABLE partner_certificates (
        thumbprint text PRIMARY KEY CHECK (thumbprint ~ '^[A-Za-z0-9_-]{43}$'),
        partner_id text REFERENCES partners,
        expires_at timestamptz(0),
        added_at   timestamptz(3) NOT NULL,
        revoked_at timestamptz(3),
        CHECK (partner_id IS NOT NULL OR revoked_at IS NOT NULL)
      )`.execute(db);
    await sql`
      CREATE INDEX partner_certificates_by_partner ON partner_certificates (partner_id)
      WHERE revoked_at IS NULL`.execute(db);
    await sql`
      CREATE TABLE partner_names (
        name       text PRIMARY KEY CHECK (octet_length(name) <= 2048),
        partner_id text NOT NULL REFERENCES partners,
        added_at   timestamptz(3) NOT NULL
      )`.execute(db);
    await sql`CREATE INDEX partner_names_by_partner ON partner_names (partner_id)`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE partner_names`.execute(db);
    await sql`DROP TABLE partner_certificates`.execute(db);
    await sql`DROP TABLE partners`.execute(db);
  },
};
