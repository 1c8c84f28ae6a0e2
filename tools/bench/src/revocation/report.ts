import { percentile, spreadCells, spreadOf } from '../spread';
import { table } from '../table';
import type { MeasuredRevocation, RefusalTimes } from './measure-revocation';

const FIGURES = [
  ['request → first refusal', (times: RefusalTimes) => times.fromRequest],
  ['answer → first refusal', (times: RefusalTimes) => times.fromAnswer],
] as const;

/** A Markdown table of how long each gateway went on accepting what was withdrawn. */
export const reportRevocations = (
  measured: readonly MeasuredRevocation[],
  gatewayCount: number,
): string => {
  const gateways = Array.from({ length: gatewayCount }, (_, index) => index);
  const answers = spreadOf(measured.map(({ answerMs }) => answerMs));
  return table([
    ['', 'p50 ms', 'p99 ms', 'max ms'],
    ['request → answer', ...spreadCells(answers)],
    ...FIGURES.flatMap(([title, figure]) =>
      gateways.map((index) => {
        const times = timesAt(measured, index).map(figure);
        return [`${title}, gateway ${index + 1}`, ...spreadCells(spreadOf(times))];
      }),
    ),
  ]);
};

/** Of all gateways the slowest one's p99 from the answer to the first refusal, in milliseconds. */
export const slowestP99FromAnswer = (
  measured: readonly MeasuredRevocation[],
  gatewayCount: number,
): number =>
  Math.max(
    ...Array.from({ length: gatewayCount }, (_, index) =>
      percentile(
        timesAt(measured, index).map(({ fromAnswer }) => fromAnswer),
        0.99,
      ),
    ),
  );

const timesAt = (
  measured: readonly MeasuredRevocation[],
  gateway: number,
): readonly RefusalTimes[] =>
  measured.flatMap(({ gateways }) => gateways.slice(gateway, gateway + 1));
