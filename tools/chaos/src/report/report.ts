import type { History, Request } from '../history/history';
import { INVARIANTS } from '../history/violation';
import type { Violation } from '../history/violation';
import type { FaultRun, SkippedFault } from './fault-run';
import { table } from './table';

const HEAD = [
  'fault',
  'seconds',
  'ok',
  'refused',
  'failed',
  'worst answer ms',
  'invariants',
  'recovery s',
];

/** The runs and what was violated, as Markdown for people. */
export function report(
  runs: readonly FaultRun[],
  skipped: readonly SkippedFault[],
  history: Pick<History, 'requests'>,
  violations: readonly Violation[],
): string {
  const byRun = new Map(runs.map((run) => [run, violations.filter(({ at }) => isIn(run, at))]));
  const rows = runs.map((run) => rowOf(run, history.requests, byRun.get(run) ?? []));
  const lines = [table([HEAD, ...rows])];
  for (const { name, why } of skipped) lines.push(`not made: ${name} (${why})`);
  for (const invariant of INVARIANTS) {
    const broken = violations.filter((violation) => violation.invariant === invariant);
    for (const [detail, many] of counted(broken)) {
      const first = broken.find((each) => each.detail === detail);
      const during = runs.find((run) => isIn(run, first?.at))?.name;
      lines.push(
        [
          `VIOLATED ${invariant}: ${detail}`,
          ...(many > 1 ? [`(${many} times)`] : []),
          ...(during === undefined ? [] : [`first during ${during}`]),
          ...(first?.subject === undefined ? [] : [`e.g. ${first.subject}`]),
        ].join(', '),
      );
    }
  }
  return lines.join('\n');
}

/** Whether something came about while a fault was made or got over. */
function isIn({ beganAt, overAt }: FaultRun, at: number | undefined): boolean {
  return at !== undefined && at >= beganAt && at < overAt;
}

function rowOf(
  run: FaultRun,
  requests: readonly Request[],
  violations: readonly Violation[],
): readonly string[] {
  const during = requests.filter(
    ({ sentAt, operation }) => operation !== 'canary' && isIn(run, sentAt),
  );
  const ok = during.filter(({ status }) => status >= 200 && status < 400).length;
  const refused = during.filter(({ status }) => isRefusal(status));
  const failed = during.filter(({ status }) => status === 0 || (status >= 500 && status !== 503));
  const worst = Math.max(0, ...during.map(({ sentAt, answeredAt }) => answeredAt - sentAt));
  const { missing, afterMs } = run.recovery;
  const broken = [...new Set(violations.map(({ invariant }) => invariant))];
  return [
    run.name,
    ((run.endedAt - run.beganAt) / 1000).toFixed(0),
    String(ok),
    byStatus(refused),
    byStatus(failed),
    worst.toFixed(0),
    broken.length === 0 ? 'hold' : `VIOLATED: ${broken.join(', ')}`,
    missing === undefined ? (afterMs / 1000).toFixed(1) : `none: ${missing}`,
  ];
}

function isRefusal(status: number): boolean {
  return status === 503 || (status >= 400 && status < 500);
}

/** `12 (503: 10, 401: 2)`, the most frequent first. */
function byStatus(requests: readonly Request[]): string {
  if (requests.length === 0) return '0';
  const names = requests.map(({ status }) => (status === 0 ? 'no answer' : String(status)));
  const counts = [...countsOf(names)].sort(([, one], [, other]) => other - one);
  return `${requests.length} (${counts.map(([name, count]) => `${name}: ${count}`).join(', ')})`;
}

function counted(violations: readonly Violation[]): ReadonlyMap<string, number> {
  return countsOf(violations.map(({ detail }) => detail));
}

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
