/** The services, by the names they have everywhere. */
export const SERVICES = ['gateway', 'auth-service', 'orders-service', 'billing-service'] as const;
export type Service = (typeof SERVICES)[number];

/** What can be killed or paused. */
export type Part = Service | 'postgres' | 'redis';

/** The edges that faults are made on, each a connection of one part to another. */
export const EDGES = [
  'gateway-auth',
  'gateway-orders',
  'gateway-billing',
  'orders-auth',
  'orders-billing',
  'gateway-postgres',
  'auth-postgres',
  'orders-postgres',
  'billing-postgres',
  'gateway-redis',
  'auth-redis',
] as const;
export type Edge = (typeof EDGES)[number];

/** Disks that can be full: that of the audit log alone, and that of all databases. */
export type Disk = 'audit' | 'database';
