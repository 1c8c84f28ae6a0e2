import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '../cluster/parts';
import type { Part } from '../cluster/parts';
import { nothing } from './fault';
import type { Fault } from './fault';

const BETWEEN_KILLS_MS = 3_000;

/** kill -9; started again by whoever supervises it. The second comes while it has hardly started again. */
const kill = (part: Part): Fault => ({
  name: `${part.replace('-service', '')}-kill`,
  what: `kill -9 of ${part}, and again 3 s later`,
  seconds: 0,
  ...(part === 'redis' && { needs: 'kill redis' }),
  begin: async (cluster) => {
    await cluster.kill(part);
    await delay(BETWEEN_KILLS_MS);
    await cluster.kill(part).catch(nothing);
  },
  end: nothing,
});

/** Everything is down, and comes back while its database is not there yet. */
const COLD_START: Fault = {
  name: 'cold-start',
  what: 'kill -9 of all services while PostgreSQL cannot be reached',
  seconds: 12,
  begin: async (cluster) => {
    for (const edge of POSTGRES_EDGES)
      for (const link of cluster.links(edge)) await link.set('cut');
    await Promise.all(SERVICES.map((service) => cluster.kill(service)));
  },
  end: async (cluster) => {
    for (const edge of POSTGRES_EDGES)
      for (const link of cluster.links(edge)) await link.set('whole');
  },
};

export const POSTGRES_EDGES = [
  'gateway-postgres',
  'auth-postgres',
  'orders-postgres',
  'billing-postgres',
] as const;

export const KILLS: readonly Fault[] = [
  ...SERVICES.map(kill),
  kill('redis'),
  kill('postgres'),
  COLD_START,
];
