import { sql, type Kysely, type Migration } from 'kysely';

/** A partner's certificate can be withdrawn; that outlasts any cache, so it is published again after a loss of the feed. */
export const certificateRevocations: Migration = {
  async up(db) {
    await setKinds(db, {
      kinds: ['token', 'session', 'subject', 'client', 'api_key', 'certificate', 'signing_key'],
      lasting: ['api_key', 'certificate', 'signing_key'],
    });
  },

  async down(db) {
    await sql`DELETE FROM revocations WHERE kind = 'certificate'`.execute(db);
    await setKinds(db, {
      kinds: ['token', 'session', 'subject', 'client', 'api_key', 'signing_key'],
      lasting: ['api_key', 'signing_key'],
    });
  },
};

/** A generated column takes no new expression before PostgreSQL 17, so it is made anew, with its index. */
async function setKinds(
  db: Kysely<unknown>,
  { kinds, lasting }: { readonly kinds: readonly string[]; readonly lasting: readonly string[] },
): Promise<void> {
  const listOf = (names: readonly string[]) => sql.join(names.map((name) => sql.lit(name)));
  await sql`
    ALTER TABLE revocations
      DROP CONSTRAINT revocations_kind_check,
      ADD CONSTRAINT revocations_kind_check CHECK (kind IN (${listOf(kinds)})),
      DROP COLUMN is_lasting,
      ADD COLUMN is_lasting boolean
        GENERATED ALWAYS AS (kind IN (${listOf(lasting)})) STORED`.execute(db);
  await sql`
    CREATE INDEX revocations_to_publish_again ON revocations (published_at)
    WHERE is_lasting`.execute(db);
}
