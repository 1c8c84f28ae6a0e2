import { sql, type Migration } from 'kysely';

/** What people allowed OAuth clients, scope by scope: it outlives the grants, which end with a browser's sign-in. */
export const oauthConsents: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE oauth_consents (
        account_id   uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        client_id    text NOT NULL REFERENCES oauth_clients ON DELETE CASCADE,
        scope        text NOT NULL,
        given_at     timestamptz(3) NOT NULL,
        last_used_at timestamptz(3) NOT NULL,
        PRIMARY KEY (account_id, client_id, scope)
      )`.execute(db);
    await sql`CREATE INDEX oauth_consents_by_client ON oauth_consents (client_id)`.execute(db);
    await sql`CREATE INDEX oauth_consents_by_age ON oauth_consents (given_at)`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE oauth_consents`.execute(db);
  },
};
