import type { Redis } from 'ioredis';
import type { AttemptLimit, Counter } from './throttling-policy';

/** What became of an attempt. */
export interface Counted {
  readonly outcome: 'admitted' | 'paused' | 'used_up';
  /** Milliseconds until nothing stands in the way of the next one; 0 for one that was admitted. */
  readonly waitMs: number;
  /** The counters that this attempt has used up. */
  readonly usedUp: readonly Counter[];
}

/**
 * Decides and counts in one step, by the clock of the store, so that parallel attempts count one by one at whatever replica.
 * What is refused by one counter counts at none: no pause grows while nobody looks at a password.
 *
 * KEYS: one for each counter. ARGV: for each its attempts, window, lock, free attempts and longest pause; times in
 * milliseconds, 0 for none.
 */
const COUNT = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local counts, outcome, wait = {}, 'admitted', 0
for i, key in ipairs(KEYS) do
  local stored = redis.call('HMGET', key, 'count', 'pausedUntil')
  local left = redis.call('PTTL', key)
  local paused = math.min(tonumber(stored[2] or 0) - now, left)
  counts[i] = tonumber(stored[1] or 0)
  if counts[i] >= tonumber(ARGV[5 * i - 4]) then
    outcome, wait = 'used_up', math.max(wait, left)
  elseif paused > 0 then
    if outcome == 'admitted' then outcome = 'paused' end
    wait = math.max(wait, paused)
  end
end
if outcome ~= 'admitted' then return {outcome, wait} end
local answer = {outcome, 0}
for i, key in ipairs(KEYS) do
  local attempts, window, lock = tonumber(ARGV[5 * i - 4]), ARGV[5 * i - 3], ARGV[5 * i - 2]
  local free, longest = tonumber(ARGV[5 * i - 1]), tonumber(ARGV[5 * i])
  local count, pause = counts[i] + 1, 0
  if longest > 0 and count > free then pause = math.min(longest, 1000 * 2 ^ (count - free - 1)) end
  redis.call('HSET', key, 'count', string.format('%d', count),
    'pausedUntil', string.format('%.0f', now + pause))
  if count == 1 then redis.call('PEXPIRE', key, window) end
  if count == attempts then
    answer[#answer + 1] = i
    if lock ~= '0' then redis.call('PEXPIRE', key, lock) end
  end
end
return answer
`;

type Limits = Readonly<Partial<Record<Counter, AttemptLimit>>>;

/** The counters of an action. */
export class AttemptCounters {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #limits: Limits;

  constructor(redis: Redis, prefix: string, limits: Limits) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#limits = limits;
  }

  /** Counts an attempt at each of the counters there are, or at none. Rejects when the store is away. */
  async count(whom: readonly (readonly [counter: Counter, who: string])[]): Promise<Counted> {
    const counted = whom.flatMap(([counter, who]) => {
      const limit = this.#limits[counter];
      return limit ? [{ counter, key: this.#keyOf(counter, who), limit }] : [];
    });
    const [outcome, waitMs, ...usedUp] = (await this.#redis.eval(
      COUNT,
      counted.length,
      ...counted.map(({ key }) => key),
      ...counted.flatMap(({ limit }) => argumentsOf(limit)),
    )) as [Counted['outcome'], number, ...number[]];
    return {
      outcome,
      waitMs,
      usedUp: usedUp.flatMap((index) => counted[index - 1]?.counter ?? []),
    };
  }

  /** Rejects when the store is away. */
  async forget(counter: Counter, who: string): Promise<void> {
    if (this.#limits[counter]) await this.#redis.del(this.#keyOf(counter, who));
  }

  has(counter: Counter): boolean {
    return this.#limits[counter] !== undefined;
  }

  #keyOf(counter: Counter, who: string): string {
    return `${this.#prefix}:${counter}:${who}`;
  }
}

function argumentsOf({ attempts, seconds, lockSeconds = 0, pauses }: AttemptLimit): number[] {
  const { free, longestSeconds } = pauses ?? { free: 0, longestSeconds: 0 };
  return [attempts, seconds * 1000, lockSeconds * 1000, free, longestSeconds * 1000];
}
