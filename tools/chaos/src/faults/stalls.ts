import type { Part, Service } from '../cluster/parts';
import type { Fault } from './fault';

const SECONDS = 8;

/** It is there, and does nothing: a long collection of garbage, a machine that sleeps. */
const pause = (part: Part): Fault => ({
  name: `${part.replace('-service', '')}-pause`,
  what: `SIGSTOP of ${part}, then SIGCONT`,
  seconds: SECONDS,
  ...(part === 'redis' && { needs: 'kill redis' }),
  begin: (cluster) => cluster.pause(part),
  end: (cluster) => cluster.resume(part),
});

const lock = (service: Service, table: string): Fault => {
  let release: (() => Promise<void>) | undefined;
  return {
    name: `${service.replace('-service', '')}-lock`,
    what: `the table ${table} of ${service} is locked`,
    seconds: SECONDS,
    begin: async (cluster) => {
      release = await cluster.lockTable(service, table);
    },
    end: async () => {
      await release?.();
      release = undefined;
    },
  };
};

export const STALLS: readonly Fault[] = [
  pause('gateway'),
  pause('auth-service'),
  pause('orders-service'),
  pause('billing-service'),
  pause('redis'),
  pause('postgres'),
  lock('auth-service', 'sessions'),
  lock('orders-service', 'orders'),
  lock('billing-service', 'charges'),
];
