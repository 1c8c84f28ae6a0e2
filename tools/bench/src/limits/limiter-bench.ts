/**
 * `npm run bench -- limiter`: what deciding on a request costs the gateway: counted in Redis, known to have nothing left,
 * and counted by itself while Redis is away.
 */
import { join } from 'node:path';
import { findRedisServer, startSharedState } from '@sallyport/dev-stores';
import { resultOf } from '../child';
import { describeMachine } from '../surroundings';
import { table } from '../table';
import { withTemporaryFolder } from '../temporary-folder';
import type { DecisionFigures, LimiterFigures, LimiterSettings } from './limiter-process';

const DECISIONS = 20_000;
const AT_ONCE = 32;

export const benchLimiter = (): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    if (findRedisServer() === undefined) {
      console.log('no redis-server was found: the limiter was not measured');
      return;
    }
    const redis = await startSharedState({
      dataDirectory: join(folder, 'redis'),
      log: () => undefined,
    });
    try {
      const settings: LimiterSettings = {
        redisUrl: redis.url,
        decisions: DECISIONS,
        atOnce: AT_ONCE,
      };
      show((await resultOf('limits/limiter-process.js', settings)) as LimiterFigures);
    } finally {
      await redis.stop();
    }
  });

const show = ({ shared, spent, alone }: LimiterFigures): void => {
  console.log(`\n${DECISIONS} decisions of each sort; ${describeMachine()}\n`);
  const row = (title: string, { oneByOne, atOnce, cpu }: DecisionFigures): readonly string[] => [
    title,
    ...[oneByOne, atOnce, cpu].map((us) => us.toFixed(1)),
  ];
  console.log(
    table([
      ['µs a decision', 'one by one', `${AT_ONCE} at once`, 'processor time'],
      row('counted in Redis', shared),
      row('nothing left', spent),
      row('counted by itself', alone),
    ]),
  );
};
