import { sql } from 'kysely';
import type { Migration } from 'kysely';

/**
 * One row an order, for ever: the primary key is what makes a second charge impossible, and the
 * checks make a half-written charge or an invoice of a barred order unrepresentable.
 */
export const charges: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE charges (
        order_id   uuid PRIMARY KEY,
        state      text NOT NULL CHECK (state IN ('charged', 'voided', 'barred')),
        invoice_id uuid UNIQUE,
        owner      text,
        amount     bigint CHECK (amount > 0),
        currency   text CHECK (currency ~ '^[A-Z]{3}$'),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CHECK (num_nulls(invoice_id, owner, amount, currency) = CASE state WHEN 'barred' THEN 4 ELSE 0 END)
      )`.execute(db);
    await sql`
      CREATE INDEX charges_by_owner ON charges (owner, created_at DESC, invoice_id DESC)
      WHERE invoice_id IS NOT NULL`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE charges`.execute(db);
  },
};
