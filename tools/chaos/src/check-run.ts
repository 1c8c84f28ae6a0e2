import { checkAudit } from './history/check-audit';
import {
  checkCleanRefusals,
  checkProbes,
  checkRevoked,
  checkSessions,
} from './history/check-access';
import { checkNoneChargedTwice, checkNoOrderLost, checkSettled } from './history/check-orders';
import type { FinalState } from './history/final-state';
import type { History } from './history/history';
import type { Violation } from './history/violation';
import type { FaultRun } from './report/fault-run';

export interface Bounds {
  readonly revocationMs: number;
  readonly graceMs: number;
  readonly recoveryMs: number;
}

/** Everything that has to hold, held against what clients saw and what is there in the end. */
export function checkRun(
  history: History,
  state: FinalState,
  runs: readonly FaultRun[],
  bounds: Bounds,
): readonly Violation[] {
  const outages = runs.map(({ beganAt, overAt }) => ({ from: beganAt, to: overAt }));
  return [
    ...checkNoOrderLost(history, state),
    ...checkNoneChargedTwice(history, state),
    ...checkSettled(history, state),
    ...checkRevoked(history, bounds.revocationMs),
    ...checkProbes(history),
    ...checkSessions(history, bounds.graceMs),
    ...checkAudit(state.audits, outages),
    ...checkCleanRefusals(history),
    ...checkRecovery(runs, bounds.recoveryMs),
  ];
}

/** That everything worked again in time, without a hand. */
export function checkRecovery(runs: readonly FaultRun[], boundMs: number): readonly Violation[] {
  return runs.flatMap(({ name, endedAt, recovery: { afterMs, missing } }) => {
    if (missing === undefined && afterMs <= boundMs) return [];
    const seconds = (afterMs / 1000).toFixed(1);
    const detail =
      missing === undefined
        ? `${name}: only after ${seconds} s`
        : `${name}: not within ${seconds} s: ${missing}`;
    return [{ invariant: 'recovered in time', detail, at: endedAt }];
  });
}
