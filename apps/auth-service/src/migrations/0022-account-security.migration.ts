import { ownEventsMigration } from '@sallyport/audit';
import { sql, type Migration } from 'kysely';

/**
 * What people are told about the security of their account, and links by which they say that it was not them. Since when a
 * password of before is one was not written down: as far as is known, since there is the account.
 */
export const accountSecurity: Migration = {
  async up(db) {
    await ownEventsMigration.up(db);
    await sql`ALTER TABLE accounts ADD COLUMN password_changed_at timestamptz(3)`.execute(db);
    await sql`UPDATE accounts SET password_changed_at = created_at`.execute(db);
    await sql`
      ALTER TABLE accounts
        ALTER COLUMN password_changed_at SET NOT NULL,
        ADD COLUMN compromised_password_hash text`.execute(db);
    await sql`
      CREATE TABLE not_me_links (
        token_hash        bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
        account_id        uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        had_second_factor boolean NOT NULL,
        expires_at        timestamptz(3) NOT NULL,
        ended_at          timestamptz(3),
        end_reason        text CHECK (end_reason IN ('used', 'superseded')),
        CHECK ((ended_at IS NULL) = (end_reason IS NULL))
      )`.execute(db);
    await sql`CREATE INDEX not_me_links_by_account ON not_me_links (account_id)`.execute(db);
    await sql`CREATE INDEX not_me_links_by_expiry ON not_me_links (expires_at)`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE not_me_links`.execute(db);
    await sql`
      ALTER TABLE accounts
        DROP COLUMN compromised_password_hash, DROP COLUMN password_changed_at`.execute(db);
    await ownEventsMigration.down?.(db);
  },
};
