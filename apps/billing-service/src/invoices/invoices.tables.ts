import type { Generated } from 'kysely';

/**
 * One row an order. Id, owner, amount and currency are null exactly when the order is barred,
 * `refunded_at` unless it is refunded.
 */
export interface ChargesTable {
  order_id: string;
  state: 'charged' | 'voided' | 'refunded' | 'barred';
  created_at: Generated<Date>;
  invoice_id: string | null;
  owner: string | null;
  amount: number | null;
  currency: string | null;
  refunded_at: Date | null;
}

export interface BillingTables {
  charges: ChargesTable;
}
