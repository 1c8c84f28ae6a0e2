import { randomUUID } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import { Redis } from 'ioredis';
import { encodeEntry, type FeedEntry } from './feed-entry';

/** The stream all revocations go through. The braces keep both keys on one node of a Redis Cluster. */
export const FEED_KEY = '{revocations}:feed';

/** Names the feed as it was last found whole: another name says that it was lost meanwhile. */
export const GENERATION_KEY = '{revocations}:generation';

/**
 * For how long an entry is kept in the feed, in milliseconds: longer than an access token lives, so that whoever reads
 * it from its beginning has all that is in force. What is in force for longer is published again in time.
 */
export const FEED_RETENTION_MS = 20 * 60_000;

/** An entry and where it stands. */
export interface PlacedEntry {
  /** Grows from entry to entry. */
  readonly position: string;
  readonly fields: readonly string[];
}

/** What one read of the feed came to. */
export interface FeedRead {
  readonly entries: readonly PlacedEntry[];
  /** Which feed this was; undefined when it has no name. */
  readonly generation: string | undefined;
  /** By the feed's own clock at the time of the answer, milliseconds since the epoch. */
  readonly answeredAt: number;
}

/**
 * Appends a heartbeat if the feed is still of this generation and still has the entry this publisher appended last:
 * nothing can be lost in between. KEYS: feed, generation. ARGV: generation, last position, oldest kept, field, value.
 */
const BEAT = `
  if redis.call('GET', KEYS[2]) ~= ARGV[1] then return false end
  if #redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2]) == 0 then return false end
  return redis.call('XADD', KEYS[1], 'MINID', '~', ARGV[3], '*', ARGV[4], ARGV[5])`;

/**
 * Names the feed if the marker still stands in it: anew when it has no name, or still that under which it was lost, else
 * it keeps the name that another publisher has given it. ARGV: marker, lost name, new name.
 */
const NAME = `
  if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return false end
  local name = redis.call('GET', KEYS[2])
  if name and name ~= ARGV[2] then return name end
  redis.call('SET', KEYS[2], ARGV[3])
  return ARGV[3]`;

/** Before the first entry. */
export const BEGINNING = '0-0';

const CONNECT_TIMEOUT_MS = 2_000;

/** A server that is waiting for news for a client does not notice that the client has hung up. */
const DISCONNECT_TIMEOUT_MS = 100;

export interface FeedConnectionOptions {
  /** redis:// or rediss://; holds the password. */
  readonly url: string;
  /** For `rediss://`: what the server's certificate is verified with, unless by the system's authorities. */
  readonly tls?: ConnectionOptions | undefined;
  /** Shown by the server for the connection, e.g. the name of the service. */
  readonly name: string;
  /** Milliseconds within which every answer has to come; longer than any read waits. */
  readonly answerTimeoutMs: number;
}

/**
 * One connection to the Redis stream that carries the feed. It is never opened again: what was lost meanwhile would go
 * unnoticed. Whoever uses it makes another and looks again at what it has missed.
 */
export class FeedConnection {
  readonly #redis: Redis;
  #failure: unknown;

  private constructor(redis: Redis) {
    this.#redis = redis;
    redis.on('error', (error: unknown) => {
      this.#failure = error;
    });
  }

  /** Rejects with the error of the connection when there is no Redis that answers. */
  static async open({
    url,
    tls,
    name,
    answerTimeoutMs,
  }: FeedConnectionOptions): Promise<FeedConnection> {
    const redis = new Redis(url, {
      ...(tls && { tls }),
      lazyConnect: true,
      connectionName: name,
      connectTimeout: CONNECT_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      commandTimeout: answerTimeoutMs,
      retryStrategy: () => null,
      enableOfflineQueue: false,
      // It would ask INFO, which an account that may use the feed alone may not.
      enableReadyCheck: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    });
    const connection = new FeedConnection(redis);
    try {
      await redis.connect();
      return connection;
    } catch (error) {
      connection.close();
      throw connection.#failure ?? error;
    }
  }

  get isOpen(): boolean {
    return this.#redis.status === 'ready';
  }

  close(): void {
    this.#redis.disconnect();
  }

  /** Milliseconds since the epoch by the feed's own clock. */
  async now(): Promise<number> {
    return millisecondsOf(await this.#redis.time());
  }

  /** Appends entries in one round trip; resolves with the position of the last. */
  async append(entries: readonly FeedEntry[]): Promise<string> {
    const pipeline = this.#redis.pipeline();
    for (const entry of entries) pipeline.xadd(FEED_KEY, '*', ...encodeEntry(entry));
    return String(resultsOf(await pipeline.exec()).at(-1));
  }

  /**
   * Names the feed, which is whole, after `lost`, the name under which it was lost, if any. Undefined when the marker,
   * which was appended before the feed was looked through, is gone: what was found then may be gone as well.
   */
  async nameGeneration(marker: string, lost: string | undefined): Promise<string | undefined> {
    const keys = [FEED_KEY, GENERATION_KEY];
    const name = await this.#redis.eval(NAME, 2, ...keys, marker, lost ?? '', randomUUID());
    return typeof name === 'string' ? name : undefined;
  }

  /**
   * Appends a heartbeat, drops what stood before `oldest`, and resolves with its position. Undefined, and nothing is
   * appended, when the feed is of another generation or has lost the entry at `last`: it must not look whole before what
   * was lost with it is back.
   */
  async beat(
    { generation, last }: { readonly generation: string; readonly last: string },
    completeAt: number,
    oldest: number,
  ): Promise<string | undefined> {
    const [field, value] = encodeEntry({ kind: 'heartbeat', completeAt });
    const keys = [FEED_KEY, GENERATION_KEY];
    const minId = String(Math.max(0, oldest));
    const position = await this.#redis.eval(
      BEAT,
      2,
      ...keys,
      generation,
      last,
      minId,
      field,
      value,
    );
    return typeof position === 'string' ? position : undefined;
  }

  /** Whether an entry still stands where it stood. */
  async holds(position: string): Promise<boolean> {
    return (await this.#redis.xrange(FEED_KEY, position, position)).length > 0;
  }

  /** Reads at most `count` entries after a position; waits up to `blockMs` for the first, 0 not at all. */
  async read(after: string, count: number, blockMs: number): Promise<FeedRead> {
    const pipeline = this.#redis.pipeline();
    if (blockMs > 0) pipeline.xread('COUNT', count, 'BLOCK', blockMs, 'STREAMS', FEED_KEY, after);
    else pipeline.xread('COUNT', count, 'STREAMS', FEED_KEY, after);
    pipeline.get(GENERATION_KEY);
    pipeline.time();
    const [streams, generation, time] = resultsOf(await pipeline.exec());
    const [[, found] = ['', []]] = (streams ?? []) as [string, [string, string[]][]][];
    return {
      entries: found.map(([position, fields]) => ({ position, fields })),
      generation: typeof generation === 'string' ? generation : undefined,
      answeredAt: millisecondsOf(time as readonly (string | number)[]),
    };
  }
}

/** @throws the first error among the results. */
function resultsOf(
  results: readonly (readonly [error: Error | null, result: unknown])[] | null,
): readonly unknown[] {
  if (results === null) throw new Error('the pipeline was not executed');
  return results.map(([error, result]) => {
    if (error !== null) throw error;
    return result;
  });
}

function millisecondsOf([seconds = 0, microseconds = 0]: readonly (string | number)[]): number {
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}
