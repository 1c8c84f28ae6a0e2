import { sql } from 'kysely';
import type { Migration } from 'kysely';

/** Refunded invoices, each with the time of its refund: a state of its own, which no other may follow. */
export const refunds: Migration = {
  async up(db) {
    await sql`
      ALTER TABLE charges
        DROP CONSTRAINT charges_state_check,
        ADD CONSTRAINT charges_state_check CHECK (state IN ('charged', 'voided', 'refunded', 'barred')),
        ADD COLUMN refunded_at timestamptz(3),
        ADD CONSTRAINT charges_refunded_at_check CHECK ((refunded_at IS NOT NULL) = (state = 'refunded'))`.execute(
      db,
    );
  },

  async down(db) {
    await sql`
      ALTER TABLE charges
        DROP CONSTRAINT charges_state_check,
        DROP COLUMN refunded_at,
        ADD CONSTRAINT charges_state_check CHECK (state IN ('charged', 'voided', 'barred'))`.execute(
      db,
    );
  },
};
