import { createHash } from 'node:crypto';
import { addressBlock } from '@sallyport/client-address';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents, SecurityEventType } from '@sallyport/observability';
import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Attempt, AttemptThrottle, ThrottledAction } from './attempt-throttle';
import { COUNTERS } from './throttling-policy';
import type { Counter, ThrottlingPolicy } from './throttling-policy';

export interface RedisAttemptThrottleOptions {
  readonly redis: Redis;
  readonly policy: ThrottlingPolicy;
  readonly events: SecurityEvents;
}

const EVENT_TYPES = {
  login: 'authentication',
  registration: 'account',
  second_factor: 'authentication',
  passkey: 'authentication',
  password_reset: 'account',
} as const satisfies Readonly<Record<ThrottledAction, SecurityEventType>>;

type Limiters = ReadonlyMap<Counter, RateLimiterRedis>;

/** Counts in the shared state, so that all replicas count together. */
export class RedisAttemptThrottle implements AttemptThrottle {
  readonly #limiters: Readonly<Record<ThrottledAction, Limiters>>;
  readonly #events: SecurityEvents;

  constructor({ redis, policy, events }: RedisAttemptThrottleOptions) {
    this.#events = events;
    this.#limiters = {
      login: limitersOf('login', policy, redis),
      registration: limitersOf('registration', policy, redis),
      second_factor: limitersOf('second_factor', policy, redis),
      passkey: limitersOf('passkey', policy, redis),
      password_reset: limitersOf('password_reset', policy, redis),
    };
  }

  async admit(action: ThrottledAction, attempt: Attempt): Promise<void> {
    const keys = keysOf(attempt);
    for (const [counter, limiter] of this.#limiters[action]) {
      const admitted = await limiter.consume(keys[counter]).then(() => true, falseIfRefused);
      if (admitted) continue;
      const type = EVENT_TYPES[action];
      const reason = 'too_many_attempts';
      const { clientAddress } = attempt;
      this.#events.record({ type, outcome: 'refused', reason, clientAddress });
      throw new ServiceError('RESOURCE_EXHAUSTED', reason);
    }
  }

  async forgetFailures(attempt: Attempt, action: ThrottledAction = 'login'): Promise<void> {
    const keys = keysOf(attempt);
    for (const counter of ['accountAtAddress', 'account'] as const) {
      await this.#limiters[action].get(counter)?.delete(keys[counter]).catch(unavailable);
    }
  }
}

function limitersOf(action: ThrottledAction, policy: ThrottlingPolicy, redis: Redis): Limiters {
  const limiters = COUNTERS.flatMap((counter) => {
    const limit = policy[action][counter];
    if (!limit) return [];
    const limiter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `auth:throttle:${action}:${counter}`,
      points: limit.attempts,
      duration: limit.seconds,
      rejectIfRedisNotReady: true,
    });
    return [[counter, limiter] as const];
  });
  return new Map(limiters);
}

/** An address that is none would be a counter that everyone like it shares; the gateway always sends one. */
function keysOf({ email, clientAddress }: Attempt): Readonly<Record<Counter, string>> {
  const block = addressBlock(clientAddress ?? '');
  if (block === undefined) throw new ServiceError('INVALID_ARGUMENT', 'client_address_invalid');
  // Hashed, so that the shared store is no list of who has an account here.
  const account = createHash('sha256').update(email).digest('base64url');
  return { address: block, accountAtAddress: `${account}@${block}`, account };
}

/** The limiter rejects with a refusal, and with whatever else went wrong: that is thrown. */
function falseIfRefused(failure: unknown): false {
  if (failure instanceof RateLimiterRes) return false;
  return unavailable(failure);
}

function unavailable(cause: unknown): never {
  throw new ServiceError('UNAVAILABLE', 'dependency_unavailable', 'redis', { cause });
}
