import { Gauge, type Registry } from 'prom-client';

/** The part of a `pg` pool that says how busy it is. */
export interface CountsConnections {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly options: { readonly max?: number };
}

/** Shows how many connections to the database there are, and how many statements wait for one; read when the metrics are. */
export function registerPoolMetrics(registry: Registry, pool: CountsConnections): void {
  const registers = [registry];
  new Gauge({
    name: 'sallyport_database_connections',
    help: 'Connections to the database by state: busy or idle.',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
    },
  });
  new Gauge({
    name: 'sallyport_database_connections_max',
    help: 'The most connections to the database held at once.',
    registers,
    collect() {
      this.set(pool.options.max ?? 0);
    },
  });
  new Gauge({
    name: 'sallyport_database_waiting',
    help: 'Statements and transactions that wait for a connection to the database.',
    registers,
    collect() {
      this.set(pool.waitingCount);
    },
  });
}
