import { spreadCells } from '../spread';
import type { TrafficReport } from './traffic';

export const TRAFFIC_HEAD = [
  '',
  'requests',
  'per s',
  'failed',
  'p50 ms',
  'p99 ms',
  'max ms',
] as const;

/** A table row below {@link TRAFFIC_HEAD}. */
export const trafficRow = (title: string, report: TrafficReport): readonly string[] => [
  title,
  String(report.requests),
  report.perSecond.toFixed(report.perSecond < 10 ? 1 : 0),
  describeFailures(report),
  ...spreadCells(report.ms),
];

export const failuresOf = ({ failures }: TrafficReport): number =>
  Object.values(failures).reduce((sum, count) => sum + count, 0);

/** `0`, or how many of which kind. */
const describeFailures = ({ failures }: TrafficReport): string => {
  const kinds = Object.entries(failures).map(([reason, count]) => `${count}× ${reason}`);
  return kinds.length === 0 ? '0' : kinds.join(', ');
};
