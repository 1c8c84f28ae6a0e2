import type { SchemaMigrations } from '@sallyport/persistence';
import { products } from './0001-products.migration';
import { orders } from './0002-orders.migration';
import { securityEvents } from './0003-security-events.migration';

/** Every migration by name, in the order of their names. A published one is never changed. */
export const migrations: SchemaMigrations = {
  '0001-products': products,
  '0002-orders': orders,
  '0003-security-events': securityEvents,
};
