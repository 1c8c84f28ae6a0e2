/**
 * Measures a replica of so many entries, in a process of its own whose garbage collector can be called (`--expose-gc`).
 * Configured by the JSON of SALLYPORT_BENCH_SETTINGS, {@link ReplicaSettings}; prints {@link ReplicaFigures}.
 */
import { RevocationReplica } from '@sallyport/revocation';
import { median } from '../spread';
import { usedHeapBytes } from './used-heap';
import { ENDS_WITHIN_SECONDS, revocationOf } from './generated-revocations';
import { generateHits, generateMisses } from './generated-lookups';
import type { Lookup } from './generated-lookups';

export interface ReplicaSettings {
  readonly entries: number;
  /** Of each round. */
  readonly lookups: number;
  readonly rounds: number;
}

export interface ReplicaFigures {
  readonly heapBytesPerEntry: number;
  readonly hitsPerSecond: number;
  readonly missesPerSecond: number;
  /** Of all calls that took an entry, in milliseconds. */
  readonly longestApplyMs: number;
  /** Of all calls that forgot entries, in milliseconds. */
  readonly longestSweepMs: number;
}

const { entries, lookups, rounds } = JSON.parse(
  process.env['SALLYPORT_BENCH_SETTINGS'] ?? '{}',
) as ReplicaSettings;

const firstEnd = Math.floor(Date.now() / 1000) + 60;
const replica = new RevocationReplica();

const fill = (): number => {
  let longest = 0;
  for (let number = 0; number < entries; number += 1) {
    const revocation = revocationOf(number, firstEnd);
    const startedAt = performance.now();
    replica.apply(revocation);
    longest = Math.max(longest, performance.now() - startedAt);
  }
  return longest;
};

const countInForce = (): number => replica.sizes.session + replica.sizes.token;

/** @throws Error when a lookup is not answered as it has to be. */
const lookupsPerSecond = (generate: () => readonly Lookup[]): number =>
  median(
    Array.from({ length: rounds }, () => {
      // Anew for each round: the hash of a string is computed once, and that belongs to what a request costs.
      const round = generate();
      const startedAt = performance.now();
      let wrong = 0;
      for (const { claims, expected } of round) {
        if (replica.revocationOf(claims) !== expected) wrong += 1;
      }
      const seconds = (performance.now() - startedAt) / 1000;
      if (wrong > 0) throw new Error(`${wrong} lookups were not answered as they have to be`);
      return round.length / seconds;
    }),
  );

/** Lets time pass second by second, and sweeps as often as there is something left to forget. */
const sweepAll = (): number => {
  let longest = 0;
  const end = firstEnd + 2 * ENDS_WITHIN_SECONDS;
  for (let now = firstEnd; now < end && countInForce() > 0;) {
    const before = countInForce();
    const startedAt = performance.now();
    replica.sweep(now);
    longest = Math.max(longest, performance.now() - startedAt);
    if (countInForce() === before) now += 1;
  }
  if (countInForce() > 0) throw new Error(`${countInForce()} entries were never forgotten`);
  return longest;
};

const heapBefore = usedHeapBytes();
const longestApplyMs = fill();
const heapBytesPerEntry = (usedHeapBytes() - heapBefore) / entries;
const figures: ReplicaFigures = {
  heapBytesPerEntry,
  longestApplyMs,
  hitsPerSecond: lookupsPerSecond(() => generateHits(lookups, entries)),
  missesPerSecond: lookupsPerSecond(() => generateMisses(lookups, entries)),
  longestSweepMs: sweepAll(),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
