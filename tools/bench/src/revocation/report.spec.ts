import type { MeasuredRevocation } from './measure-revocation';
import { reportRevocations, slowestP99FromAnswer } from './report';

const MEASURED: readonly MeasuredRevocation[] = [1, 2, 3].map((ms) => ({
  answerMs: 10 * ms,
  gateways: [
    { fromRequest: 10 * ms, fromAnswer: 0 },
    { fromRequest: 11 * ms, fromAnswer: ms },
  ],
}));

it('reports each gateway by itself', () => {
  expect(reportRevocations(MEASURED, 2).split('\n').slice(2)).toEqual([
    '| request → answer                   | 20.0   | 30.0   | 30.0   |',
    '| request → first refusal, gateway 1 | 20.0   | 30.0   | 30.0   |',
    '| request → first refusal, gateway 2 | 22.0   | 33.0   | 33.0   |',
    '| answer → first refusal, gateway 1  | 0.0    | 0.0    | 0.0    |',
    '| answer → first refusal, gateway 2  | 2.0    | 3.0    | 3.0    |',
  ]);
});

it('holds the slowest gateway against the target', () => {
  expect(slowestP99FromAnswer(MEASURED, 2)).toBe(3);
});
