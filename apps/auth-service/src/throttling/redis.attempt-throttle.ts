import { createHash } from 'node:crypto';
import { addressBlock } from '@sallyport/client-address';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents, SecurityEventType } from '@sallyport/observability';
import type { Redis } from 'ioredis';
import { AttemptCounters } from './attempt-counters';
import type { Counted } from './attempt-counters';
import type { Admission, Attempt, AttemptThrottle, ThrottledAction } from './attempt-throttle';
import { COUNTERS } from './throttling-policy';
import type { ThrottlingPolicy } from './throttling-policy';

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

type Counters = Readonly<Record<ThrottledAction, AttemptCounters>>;

/** Counts in the shared state, so that all replicas count together. */
export class RedisAttemptThrottle implements AttemptThrottle {
  readonly #counters: Counters;
  readonly #events: SecurityEvents;

  constructor({ redis, policy, events }: RedisAttemptThrottleOptions) {
    this.#events = events;
    const of = (action: ThrottledAction): AttemptCounters =>
      new AttemptCounters(redis, `auth:attempts:${action}`, policy[action]);
    this.#counters = {
      login: of('login'),
      registration: of('registration'),
      second_factor: of('second_factor'),
      passkey: of('passkey'),
      password_reset: of('password_reset'),
    };
  }

  async admit(action: ThrottledAction, attempt: Attempt): Promise<Admission> {
    const { device, ...anybody } = keysOf(attempt);
    const counters = this.#counters[action];
    if (device !== undefined && counters.has('device')) {
      const counted = await counters.count([['device', device]]).catch(unavailable);
      // A device that has used up its own attempts is as anybody; a session is not.
      if (counted.outcome !== 'used_up' || attempt.sessionId !== undefined) {
        this.#requireAdmitted(action, attempt, counted);
        return { isLast: false };
      }
    }
    const whom = COUNTERS.map((counter) => [counter, anybody[counter]] as const);
    const counted = await counters.count(whom).catch(unavailable);
    this.#requireAdmitted(action, attempt, counted);
    return { isLast: counted.usedUp.includes('account') };
  }

  async forgetFailures(attempt: Attempt, action: ThrottledAction = 'login'): Promise<void> {
    const { device, accountAtAddress, account } = keysOf(attempt);
    const counters = this.#counters[action];
    if (device !== undefined) {
      await counters.forget('device', device).catch(unavailable);
      return;
    }
    await counters.forget('accountAtAddress', accountAtAddress).catch(unavailable);
    await counters.forget('account', account).catch(unavailable);
  }

  #requireAdmitted(
    action: ThrottledAction,
    { clientAddress }: Attempt,
    { outcome, waitMs }: Counted,
  ): void {
    if (outcome === 'admitted') return;
    const reason = 'too_many_attempts';
    this.#events.record({ type: EVENT_TYPES[action], outcome: 'refused', reason, clientAddress });
    const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
    throw new ServiceError('RESOURCE_EXHAUSTED', reason, undefined, { retryAfterSeconds });
  }
}

/** An address that is none would be a counter that everyone like it shares; the gateway always sends one. */
function keysOf({ email, clientAddress, deviceId, sessionId }: Attempt) {
  const block = addressBlock(clientAddress ?? '');
  if (block === undefined) throw new ServiceError('INVALID_ARGUMENT', 'client_address_invalid');
  // Hashed, so that the shared store is no list of who has an account here.
  const account = createHash('sha256').update(email).digest('base64url');
  const known = sessionId ?? deviceId;
  const device = known === undefined ? undefined : `${account}@${known}`;
  return { address: block, accountAtAddress: `${account}@${block}`, account, device };
}

function unavailable(cause: unknown): never {
  throw new ServiceError('UNAVAILABLE', 'dependency_unavailable', 'redis', { cause });
}
