import { table } from '../table';
import type { TrafficReport } from '../traffic/traffic';
import { TRAFFIC_HEAD, trafficRow } from '../traffic/traffic-table';
import type { Tainting } from './taint';

/** What happened while keys were replaced, and afterwards. */
export interface RotationTraffic {
  readonly reads: TrafficReport;
  readonly signIns: TrafficReport;
  readonly refreshes: TrafficReport;
  /** After the taint, with tokens of other keys. */
  readonly readsAfterwards: TrafficReport;
}

export const reportTraffic = (traffic: RotationTraffic): string =>
  table([
    TRAFFIC_HEAD,
    trafficRow('reads while keys are replaced', traffic.reads),
    trafficRow('sign-ins', traffic.signIns),
    trafficRow('refreshes', traffic.refreshes),
    trafficRow('reads with tokens of other keys, after the taint', traffic.readsAfterwards),
  ]);

/** With another key prepared, and with none: then one is made first. */
export interface Taintings {
  readonly prepared: Tainting;
  readonly unprepared: Tainting;
}

export const reportTaintings = ({ prepared, unprepared }: Taintings): string => {
  const row = (title: string, figure: (tainting: Tainting) => number): readonly string[] => [
    title,
    ...[prepared, unprepared].map((tainting) => figure(tainting).toFixed(0)),
  ];
  return table([
    ['when the active key is tainted', 'another is prepared', 'none is prepared'],
    row('answered after ms', ({ answeredAfter }) => answeredAfter),
    ...prepared.refusedAfter.map((_, index) =>
      row(
        `what it signed is refused after ms, gateway ${index + 1}`,
        ({ refusedAfter }) => refusedAfter[index] ?? Number.NaN,
      ),
    ),
    row('a new sign-in works everywhere after ms', ({ signInWorkedAfter }) => signInWorkedAfter),
    row('sign-ins that failed until then', ({ failedSignIns }) => failedSignIns),
  ]);
};
