import type { SchemaMigrations } from '@sallyport/persistence';
import { securityEvents } from './0001-security-events.migration';
import { ownEvents } from './0002-own-events.migration';

/** Every migration by name, in the order of their names. A published one is never changed. */
export const migrations: SchemaMigrations = {
  '0001-security-events': securityEvents,
  '0002-own-events': ownEvents,
};
