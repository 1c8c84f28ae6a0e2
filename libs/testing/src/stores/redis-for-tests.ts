import { askRedis, startRedisStandIn } from '@sallyport/dev-stores';
import { STORES_ENVIRONMENT, storeUrl } from './test-environment';

/** How many logical databases a Redis has unless configured otherwise. */
const DATABASES = 16;

const NO_REDIS =
  'skipped: no Docker engine answers, and neither redis-server nor valkey-server is on the search path';

/**
 * URL of the run's real Redis; undefined when none could be had. Each worker of Jest has a logical database of its
 * own there; only what is published is heard by all.
 */
export function redisForTests(): string | undefined {
  const url = storeUrl(STORES_ENVIRONMENT.redis);
  if (url === '') return undefined;
  const database = Number(process.env['JEST_WORKER_ID'] ?? 0) % DATABASES;
  return `${url}/${database}`;
}

/** A suite against the run's real Redis, empty at its start; reported as skipped, with the reason, when none could be had. */
export function describeWithRedis(name: string, suite: (url: string) => void): void {
  const url = redisForTests();
  if (url === undefined) {
    describe.skip(`${name} (${NO_REDIS})`, () => {
      suite('');
    });
    return;
  }
  describe(name, () => {
    beforeAll(() => askRedis(url, ['FLUSHDB']));
    suite(url);
  });
}

/** The shared state a suite runs on. */
export interface SharedStateForTests {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * One suite on the real Redis and once more on the stand-in: whatever is asked of shared state must hold on both.
 * `open` is to be called in `beforeAll`, the result closed in `afterAll`.
 */
export function describeOnSharedState(
  name: string,
  suite: (open: () => Promise<SharedStateForTests>) => void,
): void {
  describeWithRedis(`${name}, on Redis`, (url) => {
    suite(() => Promise.resolve({ url, close: () => Promise.resolve() }));
  });
  describe(`${name}, on the stand-in`, () => {
    suite(async () => {
      const standIn = await startRedisStandIn();
      return { url: standIn.url, close: () => standIn.stop() };
    });
  });
}
