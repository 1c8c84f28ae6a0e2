import { askRedis } from '@sallyport/dev-stores';
import { FEED_KEY } from '@sallyport/revocation';
import { endChild, startChild } from '../child';
import { ENDS_WITHIN_SECONDS } from './generated-revocations';
import type { FollowerNews, FollowerSettings } from './follower-process';
import { News } from './news';
import type { PublisherNews, PublisherSettings } from './publisher-process';

type Restored = Extract<PublisherNews, { event: 'restored' }>;

/** How a feed of so many entries fares in a real Redis. */
export interface FeedFigures {
  readonly entries: number;
  readonly bytesPerEntry: number;
  readonly usedBytes: number;
  readonly mostBytes: number;
  readonly catchUp: Extract<FollowerNews, { event: 'current' }>;
  /** Of a publisher that has just started with a feed that lacks nothing. */
  readonly comparison: Pick<Restored, 'ms' | 'longestDelayMs'>;
  /** From FLUSHALL on. */
  readonly restoration: Pick<Restored, 'ms' | 'longestDelayMs'>;
  /** From FLUSHALL until a follower was current again. */
  readonly outageMs: number;
  /** Of the follower meanwhile. */
  readonly outageLongestDelayMs: number;
}

const PATIENCE_MS = 5 * 60_000;

export const measureFeed = async (redisUrl: string, entries: number): Promise<FeedFigures> => {
  const firstEnd = Math.floor(Date.now() / 1000) + ENDS_WITHIN_SECONDS;
  const publisherSettings: PublisherSettings = { redisUrl, entries, firstEnd };
  const followerSettings: FollowerSettings = { redisUrl };
  const children: ReturnType<typeof startChild>[] = [];
  const start = <Told extends { readonly event: string }>(
    script: string,
    settings: unknown,
  ): News<Told> => {
    const child = startChild(script, settings, { nodeOptions: ['--expose-gc'] });
    children.push(child);
    return new News<Told>(child);
  };
  const publish = (): News<PublisherNews> =>
    start('replica/publisher-process.js', publisherSettings);
  try {
    console.log(`publishing ${entries} entries`);
    await restored(publish(), entries);
    await endChildren(children);

    console.log('comparing the feed with the outbox');
    const publisher = publish();
    const comparison = await restored(publisher, 0);
    const memory = await memoryOf(redisUrl);

    console.log('following it from its beginning');
    const follower = start<FollowerNews>('replica/follower-process.js', followerSettings);
    const catchUp = await follower.next('current', PATIENCE_MS);

    console.log('emptying the Redis');
    const flushedAt = performance.now();
    await askRedis(redisUrl, ['FLUSHALL']);
    const { longestDelayMs } = await restored(publisher, entries);
    const restoration = { ms: performance.now() - flushedAt, longestDelayMs };
    await follower.next('stale', PATIENCE_MS);
    const { longestDelayMs: outageLongestDelayMs } = await follower.next('current', PATIENCE_MS);
    const outageMs = performance.now() - flushedAt;
    return {
      entries,
      ...memory,
      catchUp,
      comparison,
      restoration,
      outageMs,
      outageLongestDelayMs,
    };
  } finally {
    await endChildren(children);
  }
};

/** @throws Error unless the feed lacked so many entries. */
const restored = async (publisher: News<PublisherNews>, expected: number): Promise<Restored> => {
  const news = await publisher.next('restored', PATIENCE_MS);
  if (news.missing !== expected) throw new Error(`the feed lacked ${news.missing} entries`);
  return news;
};

const endChildren = async (children: ReturnType<typeof startChild>[]): Promise<void> => {
  await Promise.all(children.splice(0).map(endChild));
};

const memoryOf = async (
  redisUrl: string,
): Promise<Pick<FeedFigures, 'bytesPerEntry' | 'usedBytes' | 'mostBytes'>> => {
  const bytes = Number(await askRedis(redisUrl, ['MEMORY', 'USAGE', FEED_KEY, 'SAMPLES', '0']));
  const length = Number(await askRedis(redisUrl, ['XLEN', FEED_KEY]));
  const info = String(await askRedis(redisUrl, ['INFO', 'memory']));
  const figure = (name: string): number =>
    Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? Number.NaN);
  return {
    bytesPerEntry: bytes / length,
    usedBytes: figure('used_memory'),
    mostBytes: figure('maxmemory'),
  };
};
