import type { Logger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Billing } from './billing';
import type { OrdersTables } from './orders.tables';
import type { Reconciliation } from './reconciliation';
import type { WorkloadTransactions } from './workload-transactions';

export const DATABASE = Symbol('Database');
export const LOGGER = Symbol('Logger');

/** What the domain stands on, bound by DATABASE, LOGGER, BILLING, WORKLOAD_TRANSACTIONS and RECONCILIATION. */
export interface OrdersPorts {
  readonly database: Database<OrdersTables>;
  readonly logger: Logger;
  readonly billing: Billing;
  readonly transactions: WorkloadTransactions;
  readonly reconciliation: Reconciliation;
}
