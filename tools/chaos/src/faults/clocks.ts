import type { Service } from '../cluster/parts';
import type { Fault } from './fault';

const SECONDS = 8;

const skew = (service: Service, seconds: number): Fault => {
  const name = service.replace('-service', '');
  const way = seconds > 0 ? 'ahead' : 'behind';
  const much = Math.abs(seconds) < 60 ? `${Math.abs(seconds)}s` : `${Math.abs(seconds) / 60}m`;
  return {
    name: `${name}-clock-${much}-${way}`,
    what: `the clock of ${service} is ${much} ${way}, then right again`,
    seconds: SECONDS,
    skewSeconds: Math.abs(seconds),
    begin: (cluster) => cluster.setClock(service, seconds * 1000),
    end: (cluster) => cluster.setClock(service, 0),
  };
};

export const CLOCKS: readonly Fault[] = [
  ...[30, -30, 600, -600].map((seconds) => skew('gateway', seconds)),
  ...[30, -30, 600, -600].map((seconds) => skew('auth-service', seconds)),
  ...[600, -600].map((seconds) => skew('orders-service', seconds)),
  ...[600, -600].map((seconds) => skew('billing-service', seconds)),
];
