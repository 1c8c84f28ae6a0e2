import type { Logger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Billing } from './billing';
import type { OrdersTables } from './orders.tables';
import type { Reconciliation } from './reconciliation';

export const DATABASE = Symbol('Database');
export const LOGGER = Symbol('Logger');

/** What the domain stands on, bound by DATABASE, LOGGER, BILLING and RECONCILIATION. */
export interface OrdersPorts {
  readonly database: Database<OrdersTables>;
  readonly logger: Logger;
  readonly billing: Billing;
  readonly reconciliation: Reconciliation;
}
