import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { BillingTables } from './invoices.tables';

export const DATABASE = Symbol('Database');
export const SECURITY_EVENTS = Symbol('SecurityEvents');

/** What the domain stands on, bound by DATABASE and SECURITY_EVENTS. */
export interface InvoicesPorts {
  readonly database: Database<BillingTables>;
  readonly events: SecurityEvents;
}
