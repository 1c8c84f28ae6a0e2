/**
 * A publisher whose outbox holds so many revocations in memory, in a process of its own.
 * Configured by the JSON of SALLYPORT_BENCH_SETTINGS, {@link PublisherSettings}; sends {@link PublisherNews}.
 */
import { RevocationPublisher } from '@sallyport/revocation';
import type { RecordedRevocation, RevocationOutbox } from '@sallyport/revocation';
import { revocationOf } from './generated-revocations';
import { HeldUp } from './held-up';

export interface PublisherSettings {
  /** Holds the password. */
  readonly redisUrl: string;
  readonly entries: number;
  /** The earliest end of them, in seconds since the epoch. */
  readonly firstEnd: number;
}

export type PublisherNews =
  | {
      readonly event: 'restored';
      /** How many entries the feed lacked. */
      readonly missing: number;
      /** Since this process started to publish. */
      readonly ms: number;
      /** Since it was restored before. */
      readonly longestDelayMs: number;
    }
  | { readonly event: 'failed'; readonly message: string };

const { redisUrl, entries, firstEnd } = JSON.parse(
  process.env['SALLYPORT_BENCH_SETTINGS'] ?? '{}',
) as PublisherSettings;

/** All of it has been published before: what the feed lacks is what it has lost. */
class MemoryOutbox implements RevocationOutbox {
  readonly #records: readonly RecordedRevocation[] = Array.from(
    { length: entries },
    (_, index) => ({
      recordId: String(index + 1),
      revocation: revocationOf(index, firstEnd),
    }),
  );

  due(): Promise<readonly RecordedRevocation[]> {
    return Promise.resolve([]);
  }

  newestUnpublished(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  markPublished(): Promise<void> {
    return Promise.resolve();
  }

  inForce(after: string | undefined, limit: number): Promise<readonly RecordedRevocation[]> {
    const first = Number(after ?? 0);
    return Promise.resolve(this.#records.slice(first, first + limit));
  }
}

const tell = (news: PublisherNews): void => {
  process.send?.(news);
};

const outbox = new MemoryOutbox();
const heldUp = new HeldUp();
const startedAt = performance.now();
const publisher = new RevocationPublisher({
  redisUrl,
  name: 'bench-publisher',
  outbox,
  onRestored: (missing) => {
    const ms = performance.now() - startedAt;
    tell({ event: 'restored', missing, ms, longestDelayMs: heldUp.takeLongestMs() });
  },
  onFailed: (error) => {
    tell({ event: 'failed', message: error instanceof Error ? error.message : String(error) });
  },
});
process.once('disconnect', () => process.exit(0));
publisher.start();
