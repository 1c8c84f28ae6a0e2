import { median } from '../spread';
import { table } from '../table';
import type { LoadResult } from './load';

/** One round of each, taken one after the other. */
export interface Round {
  readonly gateway: LoadResult;
  readonly bare: LoadResult;
}

const FIGURES = [
  ['requests/s', (result: LoadResult) => result.requestsPerSecond],
  ['p50 ms', (result: LoadResult) => result.p50],
  ['p99 ms', (result: LoadResult) => result.p99],
] as const;

/** A Markdown table: medians over the rounds, and the median of the ratios taken pair by pair. */
export const reportRounds = (rounds: readonly Round[]): string =>
  table([
    ['', 'gateway', 'bare Node server', 'ratio'],
    ...FIGURES.map(([title, figure]) => {
      const gateway = median(rounds.map((round) => figure(round.gateway)));
      const bare = median(rounds.map((round) => figure(round.bare)));
      const ratio = median(rounds.map((round) => figure(round.gateway) / figure(round.bare)));
      return [title, gateway.toFixed(0), bare.toFixed(0), ratio.toFixed(2)];
    }),
  ]);
