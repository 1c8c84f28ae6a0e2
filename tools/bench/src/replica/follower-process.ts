/**
 * A follower that begins with nothing, in a process of its own whose garbage collector can be called (`--expose-gc`).
 * Configured by the JSON of SALLYPORT_BENCH_SETTINGS, {@link FollowerSettings}; sends {@link FollowerNews}.
 */
import { RevocationFollower, RevocationReplica } from '@sallyport/revocation';
import { BOUND_MS } from '../first-refusal';
import { HeldUp } from './held-up';
import { usedHeapBytes } from './used-heap';

export interface FollowerSettings {
  /** Holds the password. */
  readonly redisUrl: string;
}

export type FollowerNews =
  | { readonly event: 'stale' }
  | {
      readonly event: 'current';
      /** Since this process started to follow. */
      readonly ms: number;
      /** Since it began to follow or was stale. */
      readonly longestDelayMs: number;
      readonly entries: number;
      readonly heapBytesPerEntry: number;
    };

const { redisUrl } = JSON.parse(
  process.env['SALLYPORT_BENCH_SETTINGS'] ?? '{}',
) as FollowerSettings;

const tell = (news: FollowerNews): void => {
  process.send?.(news);
};

const replica = new RevocationReplica();
const heapBefore = usedHeapBytes();
const heldUp = new HeldUp();
const startedAt = performance.now();
const follower = new RevocationFollower({
  redisUrl,
  name: 'bench-follower',
  replica,
  boundMs: BOUND_MS,
  onCurrentChanged: (isCurrent) => {
    const ms = performance.now() - startedAt;
    // Before the garbage collector is called, which holds up everything.
    const longestDelayMs = heldUp.takeLongestMs();
    if (!isCurrent) {
      tell({ event: 'stale' });
      return;
    }
    const entries = replica.sizes.session + replica.sizes.token;
    const heapBytesPerEntry = (usedHeapBytes() - heapBefore) / entries;
    tell({ event: 'current', ms, longestDelayMs, entries, heapBytesPerEntry });
  },
});
process.once('disconnect', () => process.exit(0));
follower.start();
