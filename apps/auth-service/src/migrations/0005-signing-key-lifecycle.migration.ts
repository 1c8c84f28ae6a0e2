import { sql } from 'kysely';
import type { Migration } from 'kysely';

/**
 * prepared → active → retired, and tainted from any of them. A key that signs no more has no private half: what is not
 * there cannot leak.
 */
export const signingKeyLifecycle: Migration = {
  async up(db) {
    await sql`
      ALTER TABLE signing_keys
        ADD COLUMN activated_at timestamptz(3),
        ADD COLUMN retired_at   timestamptz(3),
        ADD COLUMN tainted_at   timestamptz(3),
        ALTER COLUMN sealed_private_key DROP NOT NULL,
        ALTER COLUMN sealing_key_id DROP NOT NULL,
        ALTER COLUMN sealing_algorithm DROP NOT NULL,
        DROP CONSTRAINT signing_keys_state_check,
        ADD CONSTRAINT signing_keys_state_check
          CHECK (state IN ('prepared', 'active', 'retired', 'tainted'))`.execute(db);
    await sql`UPDATE signing_keys SET activated_at = created_at WHERE state = 'active'`.execute(db);
    await sql`
      ALTER TABLE signing_keys
        ADD CONSTRAINT private_half_while_it_may_sign
          CHECK ((state IN ('prepared', 'active')) = (sealed_private_key IS NOT NULL)),
        ADD CONSTRAINT seal_has_a_key
          CHECK ((sealed_private_key IS NULL) = (sealing_key_id IS NULL)),
        ADD CONSTRAINT seal_has_an_algorithm
          CHECK ((sealed_private_key IS NULL) = (sealing_algorithm IS NULL)),
        ADD CONSTRAINT tainted_at_some_time
          CHECK ((state = 'tainted') = (tainted_at IS NOT NULL))`.execute(db);
    await sql`
      CREATE UNIQUE INDEX one_prepared_signing_key ON signing_keys (state)
      WHERE state = 'prepared'`.execute(db);
  },

  async down(db) {
    await sql`DROP INDEX one_prepared_signing_key`.execute(db);
    await sql`DELETE FROM signing_keys WHERE sealed_private_key IS NULL`.execute(db);
    await sql`
      ALTER TABLE signing_keys
        DROP CONSTRAINT private_half_while_it_may_sign,
        DROP CONSTRAINT seal_has_a_key,
        DROP CONSTRAINT seal_has_an_algorithm,
        DROP CONSTRAINT tainted_at_some_time,
        DROP COLUMN activated_at,
        DROP COLUMN retired_at,
        DROP COLUMN tainted_at,
        ALTER COLUMN sealed_private_key SET NOT NULL,
        ALTER COLUMN sealing_key_id SET NOT NULL,
        ALTER COLUMN sealing_algorithm SET NOT NULL`.execute(db);
  },
};
