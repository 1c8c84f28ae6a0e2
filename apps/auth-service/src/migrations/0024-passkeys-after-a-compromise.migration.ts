import { sql, type Migration } from 'kysely';

/** Passkeys that sign nobody in alone, because somebody else may have put them in use. */
export const passkeysAfterACompromise: Migration = {
  async up(db) {
    await sql`ALTER TABLE passkeys ADD COLUMN needs_password boolean NOT NULL DEFAULT false`.execute(
      db,
    );
  },

  async down(db) {
    await sql`ALTER TABLE passkeys DROP COLUMN needs_password`.execute(db);
  },
};
