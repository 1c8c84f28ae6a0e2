import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { traceOwnWork } from '@sallyport/observability';
import { FEED_RETENTION_MS, FeedConnection } from './feed-connection';
import { parseEntry } from './feed-entry';
import { partOf, PARTS } from './parts';
import { revocationKey } from './revocation';
import type { RecordedRevocation, RevocationOutbox } from './revocation-outbox';

export interface RevocationPublisherOptions {
  /** redis:// or rediss://; holds the password. */
  readonly redisUrl: string;
  /** For `rediss://`: what the server's certificate is verified with, unless by the system's authorities. */
  readonly redisTls?: ConnectionOptions | undefined;
  /** Shown by the server for the connection. */
  readonly name: string;
  readonly outbox: RevocationOutbox;
  /** How far apart two heartbeats are, in milliseconds; 250 when left out. */
  readonly heartbeatMs?: number;
  /** Told whenever a heartbeat could not be given, with the reason. */
  readonly onFailed?: (error: unknown) => void;
  /** Told when the feed was compared with the outbox, and how many entries it lacked. */
  readonly onRestored?: (missing: number) => void;
}

const HEARTBEAT_MS = 250;
const ANSWER_TIMEOUT_MS = 1_000;

/** So much is appended at once that a slow store answers in time, and what was done stays done. */
const APPENDED_AT_ONCE = 250;
const READ_AT_ONCE = 1_000;

/** Clocks that are kept in step are not put forward by more. */
const LEAP_MS = 60_000;

/** The feed has lost entries: somebody emptied the Redis, or it came back without its last second. */
class FeedLost extends Error {
  override readonly name = 'FeedLost';

  constructor() {
    super('the revocation feed has lost entries and is made whole again');
  }
}

/** A feed that was found whole, and the entry this publisher has appended to it last. */
interface WholeFeed {
  readonly generation: string;
  last: string;
  /** What was appended but could not be marked: not to be appended again and again. */
  readonly unmarked: Set<string>;
}

/**
 * Publishes what an outbox records, and vouches for the feed: a heartbeat says that everything recorded before a moment
 * stands in it. Any number of replicas may publish the same outbox to the same Redis; each vouches for all of it, and
 * publishing an entry twice does no harm.
 *
 * With every new connection the feed is compared with the outbox before the first heartbeat, so that a Redis that comes
 * back empty, or without its last second, is made whole again before anybody relies on it.
 */
export class RevocationPublisher {
  readonly #options: RevocationPublisherOptions;
  readonly #closing = new AbortController();
  #connection: FeedConnection | undefined;
  /** Undefined while it is not known that the feed behind the connection holds what the outbox has. */
  #feed: WholeFeed | undefined;
  /** As it was when it was last known to be whole. */
  #before: WholeFeed | undefined;
  /** What the feed's clock said, and when. */
  #looked: { readonly feedNow: number; readonly at: number } | undefined;
  #running: Promise<void> | undefined;

  constructor(options: RevocationPublisherOptions) {
    this.#options = options;
  }

  /** Begins to publish, and goes on until it is closed; whatever fails is tried again. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Stops after the heartbeat under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    this.#connection?.close();
  }

  /** Whether what is recorded now would be published at once. */
  get isPublishing(): boolean {
    return this.#feed !== undefined && this.#connection?.isOpen === true;
  }

  /**
   * Publishes records at once. Never rejects: what does not get through is published with a later heartbeat, and until
   * then no heartbeat vouches for the feed.
   */
  async publish(records: readonly RecordedRevocation[]): Promise<void> {
    const [connection, feed] = [this.#connection, this.#feed];
    if (records.length === 0 || connection?.isOpen !== true || feed === undefined) return;
    try {
      await this.#publish(connection, feed, records);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #run(): Promise<void> {
    const { heartbeatMs = HEARTBEAT_MS } = this.#options;
    while (!this.#closing.signal.aborted) {
      try {
        await this.#beat();
      } catch (error) {
        this.#fail(error);
      }
      await delay(heartbeatMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
  }

  async #beat(): Promise<void> {
    const connection = await this.#openConnection();
    // Before the outbox is read: what is recorded meanwhile is not vouched for.
    const completeAt = await this.#onFeed(() => connection.now());
    // By the clock that is behind: one that runs ahead must not drop what others still need.
    const oldest = Math.min(completeAt, Date.now()) - FEED_RETENTION_MS;
    if (this.#hasLeapt(completeAt)) this.#feed = undefined;
    const feed = (this.#feed ??= await this.#restore(connection, oldest));
    await this.#drain(connection, feed);
    const position = await this.#onFeed(() => connection.beat(feed, completeAt, oldest));
    if (position !== undefined) {
      feed.last = position;
      return;
    }
    this.#before = feed;
    this.#feed = undefined;
    throw new FeedLost();
  }

  /**
   * Whether the feed's clock was put forward since the last look. What was written before seems as much older, and would
   * be dropped as old although it is in force.
   */
  #hasLeapt(feedNow: number): boolean {
    const [now, before] = [performance.now(), this.#looked];
    this.#looked = { feedNow, at: now };
    return before !== undefined && feedNow - before.feedNow > now - before.at + LEAP_MS;
  }

  async #openConnection(): Promise<FeedConnection> {
    if (this.#connection?.isOpen === true) return this.#connection;
    this.#abandonConnection();
    const { redisUrl: url, redisTls: tls, name } = this.#options;
    this.#connection = await FeedConnection.open({
      url,
      tls,
      name,
      answerTimeoutMs: ANSWER_TIMEOUT_MS,
    });
    return this.#connection;
  }

  #abandonConnection(): void {
    this.#before = this.#feed ?? this.#before;
    this.#feed = undefined;
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** Sees to it that the feed has all that is in force, and not only in a part that is about to be dropped. */
  async #restore(connection: FeedConnection, oldest: number): Promise<WholeFeed> {
    // While the outbox cannot be read nothing is done, again and again, to the feed.
    await this.#options.outbox.inForce(undefined, 1);
    const unmarked = new Set<string>();
    // A heartbeat that vouches for nothing: should it be gone at the end, what was found meanwhile may be gone too.
    const marker = await this.#onFeed(() =>
      connection.append([{ kind: 'heartbeat', completeAt: 0 }]),
    );
    const present = await this.#onFeed(() => readKeys(connection, oldest));
    let missing = 0;
    let after: string | undefined;
    for (;;) {
      const page = await this.#options.outbox.inForce(after, READ_AT_ONCE);
      const lacking = page.filter(({ revocation }) => !present(revocationKey(revocation)));
      // Not marked as published: what never was is due all the same, and most has been long since.
      await this.#onFeed(() => appendAll(connection, lacking));
      for (const { recordId } of lacking) unmarked.add(recordId);
      missing += lacking.length;
      after = page.at(-1)?.recordId;
      if (page.length < READ_AT_ONCE) break;
    }
    const lost = await this.#onFeed(() => lostGeneration(connection, this.#before, oldest));
    const generation = await this.#onFeed(() => connection.nameGeneration(marker, lost));
    if (generation === undefined) throw new FeedLost();
    this.#options.onRestored?.(missing);
    return { generation, last: marker, unmarked };
  }

  /** Publishes what was due when it was first looked at; what comes after that another heartbeat vouches for. */
  async #drain(connection: FeedConnection, feed: WholeFeed): Promise<void> {
    const newest = await this.#options.outbox.newestUnpublished();
    for (;;) {
      const due = await this.#options.outbox.due(READ_AT_ONCE);
      if (due.length > 0) {
        await traceOwnWork('revocation outbox', () => this.#publish(connection, feed, due));
      }
      if (due.length < READ_AT_ONCE) {
        // Whatever is not due any more has been marked, even if the answer to that was lost.
        feed.unmarked.clear();
        return;
      }
      if (newest === undefined || due.some(({ recordId }) => recordId === newest)) return;
    }
  }

  async #publish(
    connection: FeedConnection,
    feed: WholeFeed,
    records: readonly RecordedRevocation[],
  ): Promise<void> {
    const fresh = records.filter(({ recordId }) => !feed.unmarked.has(recordId));
    await this.#onFeed(() => appendAll(connection, fresh));
    for (const { recordId } of fresh) feed.unmarked.add(recordId);
    for (let from = 0; from < records.length; from += READ_AT_ONCE) {
      const ids = records.slice(from, from + READ_AT_ONCE).map(({ recordId }) => recordId);
      await this.#options.outbox.markPublished(ids);
      for (const id of ids) feed.unmarked.delete(id);
    }
  }

  /** After a failure of the feed itself it is looked at again, by another connection, before it is vouched for. */
  async #onFeed<Result>(ask: () => Promise<Result>): Promise<Result> {
    try {
      return await ask();
    } catch (error) {
      this.#abandonConnection();
      throw error;
    }
  }

  #fail(error: unknown): void {
    this.#options.onFailed?.(error);
  }
}

/** The name of the feed as it was before, if that has lost what this publisher wrote last, and not because it is old. */
async function lostGeneration(
  connection: FeedConnection,
  before: WholeFeed | undefined,
  oldest: number,
): Promise<string | undefined> {
  if (before === undefined || Number.parseInt(before.last, 10) < oldest) return undefined;
  if (await connection.holds(before.last)) return undefined;
  return before.generation;
}

async function appendAll(
  connection: FeedConnection,
  records: readonly RecordedRevocation[],
): Promise<void> {
  for (let from = 0; from < records.length; from += APPENDED_AT_ONCE) {
    const some = records.slice(from, from + APPENDED_AT_ONCE);
    await connection.append(some.map(({ revocation }) => revocation));
  }
}

/** Tells of the keys of revocations which are in the feed, in what of it is not about to be dropped. */
async function readKeys(
  connection: FeedConnection,
  oldest: number,
): Promise<(key: string) => boolean> {
  const keys = Array.from({ length: PARTS }, () => new Set<string>());
  let position = `${Math.max(0, oldest)}-0`;
  for (;;) {
    const { entries } = await connection.read(position, READ_AT_ONCE, 0);
    for (const { fields } of entries) {
      const entry = parseEntry(fields);
      if (entry === undefined || entry.kind === 'heartbeat') continue;
      const key = revocationKey(entry);
      partOf(keys, key).add(key);
    }
    const last = entries.at(-1);
    if (last === undefined) return (key) => partOf(keys, key).has(key);
    position = last.position;
  }
}
