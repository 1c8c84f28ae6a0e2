import { sql } from 'kysely';
import type { Migration } from 'kysely';

/** The catalogue: what can be ordered, and the only source of prices. */
export const products: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE products (
        sku      text COLLATE "C" PRIMARY KEY,
        name     text NOT NULL,
        amount   bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL CHECK (currency = 'EUR')
      )`.execute(db);
    await sql`
      INSERT INTO products (sku, name, amount, currency) VALUES
        ('arrow-slit-shutter', 'Arrow slit shutter, oak', 5900, 'EUR'),
        ('drawbridge-chain', 'Drawbridge chain, per metre', 2490, 'EUR'),
        ('gate-bar', 'Gate bar, seasoned oak', 7800, 'EUR'),
        ('gatehouse-lantern', 'Gatehouse lantern, wrought iron', 3450, 'EUR'),
        ('herald-banner', 'Herald''s banner, linen', 4200, 'EUR'),
        ('keep-key', 'Key to the keep, with spare', 1250, 'EUR'),
        ('portcullis', 'Portcullis, forged to measure', 129900, 'EUR'),
        ('watch-horn', 'Watch horn, two notes', 2200, 'EUR')`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE products`.execute(db);
  },
};
