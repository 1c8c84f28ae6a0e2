/**
 * `npm run bench -- replica`: what a million revocations cost a gateway that holds them, the Redis they go through, and
 * whoever has to catch up with all of them.
 */
import { join } from 'node:path';
import { findRedisServer, startSharedState } from '@sallyport/dev-stores';
import { resultOf } from '../child';
import { describeMachine } from '../surroundings';
import { withTemporaryFolder } from '../temporary-folder';
import { measureFeed } from './feed-bench';
import type { ReplicaFigures, ReplicaSettings } from './replica-process';
import { reportFeed, reportReplicas } from './report';
import type { SizedReplica } from './report';

const FEW = 1_000;
const MANY = 1_000_000;
const LOOKUPS = 200_000;
const ROUNDS = 7;

export const benchReplica = async (): Promise<void> => {
  await benchMemory();
  await benchFeed();
};

const benchMemory = async (): Promise<void> => {
  const few = await measureReplica(FEW);
  const many = await measureReplica(MANY);
  console.log(
    `\na replica of sessions and tokens in equal parts; medians over ${ROUNDS} rounds of ${LOOKUPS} lookups; ` +
      `${describeMachine()}\n`,
  );
  console.log(reportReplicas(few, many));
};

const measureReplica = async (entries: number): Promise<SizedReplica> => {
  console.log(`a replica of ${entries} entries`);
  const settings: ReplicaSettings = { entries, lookups: LOOKUPS, rounds: ROUNDS };
  const options = { nodeOptions: ['--expose-gc'] };
  const figures = await resultOf('replica/replica-process.js', settings, options);
  return { entries, figures: figures as ReplicaFigures };
};

const benchFeed = async (): Promise<void> => {
  if (findRedisServer() === undefined) {
    console.log('\nno redis-server was found: the feed was not measured');
    return;
  }
  await withTemporaryFolder(async (folder) => {
    const redis = await startSharedState({
      dataDirectory: join(folder, 'redis'),
      log: () => undefined,
    });
    try {
      if (redis.kind !== 'server') {
        console.log('\nthe redis-server that was found did not start: the feed was not measured');
        return;
      }
      const figures = await measureFeed(redis.url, MANY);
      console.log(`\na feed of ${MANY} entries; ${describeMachine()}\n`);
      console.log(reportFeed(figures));
      refuseLosses(figures.catchUp.entries);
    } finally {
      await redis.stop();
    }
  });
};

const refuseLosses = (followed: number): void => {
  if (followed !== MANY)
    throw new Error(`failed: the follower was current with ${followed} entries`);
};
