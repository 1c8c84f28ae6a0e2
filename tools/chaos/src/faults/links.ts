import type { ClusterUnderTest } from '../cluster/cluster-under-test';
import type { Edge } from '../cluster/parts';
import type { Link } from '../link/link';
import { nothing } from './fault';
import type { Fault } from './fault';
import { POSTGRES_EDGES } from './kills';

/** Long enough that every pooled connection and every timeout on the way has its turn. */
const SECONDS = 10;
const DELAY_MS = 300;
const SLOW_MS = 5_000;

/** The edges that faults are made on together, by the name of the fault. */
const GROUPS: Readonly<Record<string, readonly Edge[]>> = {
  'gateway-auth': ['gateway-auth'],
  'gateway-orders': ['gateway-orders'],
  'gateway-billing': ['gateway-billing'],
  'orders-auth': ['orders-auth'],
  'orders-billing': ['orders-billing'],
  'services-postgres': POSTGRES_EDGES,
  'gateway-redis': ['gateway-redis'],
  'auth-redis': ['auth-redis'],
};

const onEach = async (
  cluster: ClusterUnderTest,
  edges: readonly Edge[],
  work: (link: Link) => void | Promise<void>,
): Promise<void> => {
  for (const edge of edges) for (const link of cluster.links(edge)) await work(link);
};

const onLinks = (name: string, edges: readonly Edge[]): readonly Fault[] => [
  {
    name: `${name}-cut`,
    what: `${name}: connections reset, new ones refused`,
    seconds: SECONDS,
    begin: (cluster) => onEach(cluster, edges, (link) => link.set('cut')),
    end: (cluster) => onEach(cluster, edges, (link) => link.set('whole')),
  },
  {
    name: `${name}-black-hole`,
    what: `${name}: nothing arrives, nobody is told`,
    seconds: SECONDS,
    begin: (cluster) => onEach(cluster, edges, (link) => link.set('black-holed')),
    end: (cluster) => onEach(cluster, edges, (link) => link.set('whole')),
  },
  {
    name: `${name}-half-open`,
    what: `${name}: open connections fall silent for ever, new ones work`,
    seconds: 0,
    begin: (cluster) => onEach(cluster, edges, (link) => link.abandonConnections()),
    end: nothing,
  },
  {
    name: `${name}-delay`,
    what: `${name}: ${DELAY_MS} ms later in each direction`,
    seconds: SECONDS,
    begin: (cluster) => onEach(cluster, edges, (link) => link.delay(DELAY_MS)),
    end: (cluster) => onEach(cluster, edges, (link) => link.delay(0)),
  },
];

const SLOW_BILLING: Fault = {
  name: 'billing-slow',
  what: `billing-service answers orders-service after ${SLOW_MS / 1000} s`,
  seconds: SECONDS,
  begin: (cluster) => onEach(cluster, ['orders-billing'], (link) => link.delay(SLOW_MS)),
  end: (cluster) => onEach(cluster, ['orders-billing'], (link) => link.delay(0)),
};

export const LINKS: readonly Fault[] = [
  ...Object.entries(GROUPS).flatMap(([name, edges]) => onLinks(name, edges)),
  SLOW_BILLING,
];
