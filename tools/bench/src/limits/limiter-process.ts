/**
 * Times decisions of the gateway's own rate limits, in a process that does nothing else. Configured by the JSON of
 * SALLYPORT_BENCH_SETTINGS, {@link LimiterSettings}; prints {@link LimiterFigures}.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

export interface LimiterSettings {
  readonly redisUrl: string;
  readonly decisions: number;
  readonly atOnce: number;
}

/** Microseconds a decision. */
export interface DecisionFigures {
  readonly oneByOne: number;
  readonly atOnce: number;
  /** Of this process, while several are under way. */
  readonly cpu: number;
}

export interface LimiterFigures {
  readonly shared: DecisionFigures;
  readonly spent: DecisionFigures;
  readonly alone: DecisionFigures;
}

interface Connection {
  once(event: 'ready', listener: () => void): void;
  disconnect(): void;
}

interface Limits {
  charge(identity: { kind: 'user'; id: string }, routeClass: 'read'): Promise<unknown>;
}

/** What is measured is the application as it is built; it is no library. */
interface BuiltLimits {
  readonly connectRedis: (url: string) => Connection;
  readonly WindowCounters: new (options: { redis: Connection }) => object;
  readonly RateLimits: new (options: {
    counters: object;
    scale: number;
    gateways: number;
  }) => Limits;
}

const BUILT = join(__dirname, '../../../../apps/gateway/dist/rate-limits');
/** As many as are busy at the same time. */
const IDENTITIES = 1_000;

const loadBuilt = async (): Promise<BuiltLimits> => {
  const files = ['connect-redis.js', 'window-counters.js', 'rate-limits.js'];
  const parts = await Promise.all(
    files.map(async (file) => (await import(join(BUILT, file))) as Partial<BuiltLimits>),
  );
  return Object.assign({}, ...parts) as BuiltLimits;
};

const measure = async (
  { decisions, atOnce }: LimiterSettings,
  decide: (turn: number) => Promise<unknown>,
): Promise<DecisionFigures> => {
  for (let turn = 0; turn < decisions / 4; turn += 1) await decide(turn);
  const oneByOneSince = performance.now();
  for (let turn = 0; turn < decisions; turn += 1) await decide(turn);
  const oneByOne = performance.now() - oneByOneSince;

  const cpuBefore = process.cpuUsage();
  const atOnceSince = performance.now();
  let turn = 0;
  const work = async (): Promise<void> => {
    while (turn < decisions) await decide((turn += 1));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const together = performance.now() - atOnceSince;
  const { user, system } = process.cpuUsage(cpuBefore);
  const perDecision = (ms: number): number => (ms * 1000) / decisions;
  return {
    oneByOne: perDecision(oneByOne),
    atOnce: perDecision(together),
    cpu: (user + system) / decisions,
  };
};

const run = async (settings: LimiterSettings): Promise<LimiterFigures> => {
  const { connectRedis, WindowCounters, RateLimits } = await loadBuilt();
  const redis = connectRedis(settings.redisUrl);
  await new Promise<void>((resolve) => {
    redis.once('ready', resolve);
  });
  const counters = new WindowCounters({ redis });
  const generous = new RateLimits({ counters, scale: 1_000, gateways: 1 });
  const strict = new RateLimits({ counters, scale: 0.001, gateways: 1 });
  const ids = Array.from({ length: IDENTITIES }, () => randomUUID());
  const decideBy = (limits: Limits) => (turn: number) =>
    limits.charge({ kind: 'user', id: ids[turn % IDENTITIES] ?? '' }, 'read');

  const shared = await measure(settings, decideBy(generous));
  const spent = await measure(settings, decideBy(strict));
  redis.disconnect();
  const alone = await measure(settings, decideBy(generous));
  return { shared, spent, alone };
};

void run(JSON.parse(process.env['SALLYPORT_BENCH_SETTINGS'] ?? '{}') as LimiterSettings).then(
  (figures) => {
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  },
);
