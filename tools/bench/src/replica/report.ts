import { table } from '../table';
import type { FeedFigures } from './feed-bench';
import type { ReplicaFigures } from './replica-process';

/** Figures of a replica, and how many entries it held. */
export interface SizedReplica {
  readonly entries: number;
  readonly figures: ReplicaFigures;
}

/** A Markdown table of a small replica beside a large one. */
export const reportReplicas = (small: SizedReplica, large: SizedReplica): string => {
  const row = (
    title: string,
    figure: (figures: ReplicaFigures) => number,
    digits: number,
  ): readonly string[] => {
    const [few, many] = [figure(small.figures), figure(large.figures)];
    return [title, few.toFixed(digits), many.toFixed(digits), (many / few).toFixed(2)];
  };
  return table([
    ['', `${small.entries} entries`, `${large.entries} entries`, 'ratio'],
    row('lookups/s, revoked', ({ hitsPerSecond }) => hitsPerSecond, 0),
    row('lookups/s, not revoked', ({ missesPerSecond }) => missesPerSecond, 0),
    row('heap bytes per entry', ({ heapBytesPerEntry }) => heapBytesPerEntry, 0),
    row('longest taking of one entry, ms', ({ longestApplyMs }) => longestApplyMs, 1),
    row('longest sweep, ms', ({ longestSweepMs }) => longestSweepMs, 1),
  ]);
};

/** A Markdown table of what a feed costs. */
export const reportFeed = (figures: FeedFigures): string => {
  const { catchUp, comparison, restoration } = figures;
  return table([
    ['', 'figure'],
    ['Redis, bytes per entry', figures.bytesPerEntry.toFixed(0)],
    [
      'Redis, memory used of what it may use',
      `${megabytes(figures.usedBytes)} of ${megabytes(figures.mostBytes)}`,
    ],
    ['follower current from nothing', seconds(catchUp.ms)],
    ['… its event loop held up at most', milliseconds(catchUp.longestDelayMs)],
    ['… heap bytes per entry', catchUp.heapBytesPerEntry.toFixed(0)],
    ['publisher finds nothing missing', seconds(comparison.ms)],
    ['… its event loop held up at most', milliseconds(comparison.longestDelayMs)],
    ['publisher has restored after FLUSHALL', seconds(restoration.ms)],
    ['… its event loop held up at most', milliseconds(restoration.longestDelayMs)],
    ['follower current after FLUSHALL', seconds(figures.outageMs)],
    ['… its event loop held up at most', milliseconds(figures.outageLongestDelayMs)],
  ]);
};

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const milliseconds = (ms: number): string => `${ms.toFixed(0)} ms`;
