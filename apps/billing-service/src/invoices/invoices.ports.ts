import type { Database } from '@sallyport/persistence';
import type { BillingTables } from './invoices.tables';

export const DATABASE = Symbol('Database');

/** What the domain stands on, bound by DATABASE. */
export interface InvoicesPorts {
  readonly database: Database<BillingTables>;
}
