import { table } from '../table';
import type { TrafficReport } from '../traffic/traffic';
import { TRAFFIC_HEAD, trafficRow } from '../traffic/traffic-table';
import type { ObservedConnections } from './observed-connections';
import type { ObservedLeaves } from './observed-leaves';
import type { Listener } from './probe-listener';
import type { Refusal } from './stolen-svid';

/** What became of the traffic between two moments. */
export interface Phase {
  readonly title: string;
  readonly reads: TrafficReport;
  readonly orders: TrafficReport;
}

export const reportTraffic = (phases: readonly Phase[]): string =>
  table([
    TRAFFIC_HEAD,
    ...phases.map(({ title, reads }) => trafficRow(`reads: ${title}`, reads)),
    ...phases.map(({ title, orders }) => trafficRow(`orders: ${title}`, orders)),
  ]);

interface Observed {
  readonly leaves: Pick<ObservedLeaves, 'countOf' | 'refused'>;
  readonly connections: Pick<ObservedConnections, 'countOf'>;
}

/** Which leaves each service presented, and how many connections its listeners got, those of the observer included. */
export const reportServices = (
  listeners: readonly Listener[],
  { leaves, connections }: Observed,
): string =>
  table([
    ['listener', 'leaves by serial number', 'connections seen'],
    ...listeners.map((listener) => [
      nameOf(listener),
      String(leaves.countOf(listener.service)),
      String(connections.countOf(listener.port)),
    ]),
    ['gateway, as client', String(leaves.countOf('gateway')), ''],
    ['refused although valid', String(leaves.refused), ''],
  ]);

export const reportRefusals = (refusals: readonly Refusal[], replacedMs: number): string =>
  table([
    [
      'a certificate stolen before the root is replaced is refused after s',
      'new connection',
      'kept connection',
    ],
    ...refusals.map(({ listener, newConnectionMs, keptConnectionMs }) => [
      nameOf(listener),
      seconds(newConnectionMs),
      listener.protocol === 'h2' ? seconds(keptConnectionMs) : '',
    ]),
    ['replace-root ended', seconds(replacedMs), ''],
  ]);

const nameOf = ({ service, protocol }: Listener): string =>
  `${service} ${protocol === 'h2' ? 'gRPC' : 'HTTPS'}`;

const seconds = (ms: number | undefined): string =>
  ms === undefined ? 'never' : (ms / 1000).toFixed(1);
