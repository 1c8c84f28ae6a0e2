import { median } from '../spread';
import { table } from '../table';
import type { LoadResult } from './load';

/** One round of what is measured and one of what it is measured by, taken one after the other. */
export interface Round {
  readonly measured: LoadResult;
  readonly yardstick: LoadResult;
}

/** What the two are called. */
export type Titles = Readonly<Record<keyof Round, string>>;

const FIGURES = [
  ['requests/s', (result: LoadResult) => result.requestsPerSecond],
  ['p50 ms', (result: LoadResult) => result.p50],
  ['p99 ms', (result: LoadResult) => result.p99],
] as const;

/** A Markdown table: medians over the rounds, and the median of the ratios taken pair by pair. */
export const reportRounds = (titles: Titles, rounds: readonly Round[]): string =>
  table([
    ['', titles.measured, titles.yardstick, 'ratio'],
    ...FIGURES.map(([title, figure]) => {
      const measured = median(rounds.map((round) => figure(round.measured)));
      const yardstick = median(rounds.map((round) => figure(round.yardstick)));
      const ratio = median(rounds.map((round) => figure(round.measured) / figure(round.yardstick)));
      return [title, measured.toFixed(0), yardstick.toFixed(0), ratio.toFixed(2)];
    }),
  ]);
