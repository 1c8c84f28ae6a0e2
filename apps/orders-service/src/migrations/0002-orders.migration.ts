import { sql } from 'kysely';
import type { Migration } from 'kysely';

/**
 * Orders and what was ordered. `settle_at` is when the reconciler may next take an order whose
 * charge or void is unsettled. An invoice id, once known, stays; a confirmed order must have one.
 */
export const orders: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE orders (
        id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        owner           text NOT NULL,
        idempotency_key text NOT NULL,
        status          text NOT NULL CHECK (status IN ('pending', 'confirmed', 'cancelling', 'cancelled')),
        amount          bigint NOT NULL CHECK (amount > 0),
        currency        text NOT NULL,
        invoice_id      uuid,
        created_at      timestamptz(3) NOT NULL DEFAULT now(),
        settle_at       timestamptz NOT NULL,
        UNIQUE (owner, idempotency_key),
        CHECK (status <> 'confirmed' OR invoice_id IS NOT NULL),
        CHECK (status <> 'pending' OR invoice_id IS NULL)
      )`.execute(db);
    await sql`CREATE INDEX orders_by_owner ON orders (owner, created_at DESC, id DESC)`.execute(db);
    await sql`
      CREATE INDEX orders_unsettled ON orders (settle_at)
      WHERE status IN ('pending', 'cancelling')`.execute(db);
    await sql`
      CREATE TABLE order_items (
        order_id uuid NOT NULL REFERENCES orders (id),
        sku      text COLLATE "C" NOT NULL,
        position smallint NOT NULL,
        quantity smallint NOT NULL CHECK (quantity BETWEEN 1 AND 100),
        PRIMARY KEY (order_id, sku)
      )`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE order_items`.execute(db);
    await sql`DROP TABLE orders`.execute(db);
  },
};
