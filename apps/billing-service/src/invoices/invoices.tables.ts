import type { Generated } from 'kysely';

/** One row an order; the last four columns are null exactly when the order is barred. */
export interface ChargesTable {
  order_id: string;
  state: 'charged' | 'voided' | 'barred';
  created_at: Generated<Date>;
  invoice_id: string | null;
  owner: string | null;
  amount: number | null;
  currency: string | null;
}

export interface BillingTables {
  charges: ChargesTable;
}
