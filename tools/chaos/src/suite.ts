import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterUnderTest } from './cluster/cluster-under-test';
import type { Fault } from './faults/fault';
import type { Canary } from './recovery/canary';
import type { FaultRun, SkippedFault } from './report/fault-run';

/** Every fault is over so much after its end, whatever it was. */
export const RECOVERY_BOUND_MS = 10_000;
/** How much longer is looked, to say what it came to. */
const PATIENCE_MS = 25_000;
/** As if nothing had been, before the next. */
const CALM_MS = 2_500;

export interface SuiteOptions {
  readonly cluster: ClusterUnderTest;
  readonly canary: Canary;
  readonly faults: readonly Fault[];
  /** By how many seconds a clock is wrong from now on. */
  readonly onSkew: (seconds: number) => void;
  readonly report: (line: string) => void;
  readonly stopping: AbortSignal;
}

export interface SuiteResult {
  readonly runs: readonly FaultRun[];
  readonly skipped: readonly SkippedFault[];
}

/** Makes one fault after the other, each until it is over. */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const runs: FaultRun[] = [];
  const skipped: SkippedFault[] = [];
  for (const fault of options.faults) {
    if (options.stopping.aborted) break;
    const why = fault.needs && options.cluster.unable(fault.needs);
    if (why === undefined) runs.push(await make(fault, options));
    else skipped.push({ name: fault.name, why });
  }
  return { runs, skipped };
}

async function make(
  fault: Fault,
  { cluster, canary, onSkew, report }: SuiteOptions,
): Promise<FaultRun> {
  const { name, what, seconds, skewSeconds = 0 } = fault;
  onSkew(skewSeconds);
  const beganAt = performance.now();
  try {
    await fault.begin(cluster);
    await delay(seconds * 1000);
  } finally {
    await fault.end(cluster);
  }
  const endedAt = performance.now();
  const recovery = await canary.recovery(RECOVERY_BOUND_MS + PATIENCE_MS);
  onSkew(0);
  await delay(CALM_MS);
  const { missing, afterMs, last } = recovery;
  const took = (afterMs / 1000).toFixed(1);
  if (missing !== undefined) report(`${name}: not recovered after ${took} s: ${missing}`);
  else report(`${name}: recovered after ${took} s${last === undefined ? '' : ` (last: ${last})`}`);
  return { name, what, beganAt, endedAt, overAt: performance.now(), recovery };
}
