import type { SchemaMigrations } from '@sallyport/persistence';
import { charges } from './0001-charges.migration';
import { securityEvents } from './0002-security-events.migration';
import { refunds } from './0003-refunds.migration';

/** Every migration by name, in the order of their names. A published one is never changed. */
export const migrations: SchemaMigrations = {
  '0001-charges': charges,
  '0002-security-events': securityEvents,
  '0003-refunds': refunds,
};
