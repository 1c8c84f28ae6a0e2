import { createHmac } from 'node:crypto';
import { addressBlock } from '@sallyport/client-address';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { KeyEncryption } from '../signing-keys/key-encryption';
import { SMS_COUNTERS, SmsLimitReached } from './sms-throttle';
import type { SmsCounter, SmsLimits, SmsThrottle, WantedMessage } from './sms-throttle';

export interface RedisSmsThrottleOptions {
  readonly redis: Redis;
  readonly limits: SmsLimits;
  readonly encryption: KeyEncryption;
  readonly events: SecurityEvents;
}

/** Counts in the shared state, so that all replicas count together. */
export class RedisSmsThrottle implements SmsThrottle {
  readonly #limiters: ReadonlyMap<SmsCounter, RateLimiterRedis>;

  constructor(private readonly options: RedisSmsThrottleOptions) {
    const { redis, limits } = options;
    this.#limiters = new Map(
      SMS_COUNTERS.map((counter) => [
        counter,
        new RateLimiterRedis({
          storeClient: redis,
          keyPrefix: `auth:throttle:sms:${counter}`,
          points: limits[counter].attempts,
          duration: limits[counter].seconds,
          rejectIfRedisNotReady: true,
        }),
      ]),
    );
  }

  async admit(message: WantedMessage): Promise<void> {
    const keys = await this.#keysOf(message);
    for (const [counter, limiter] of this.#limiters) {
      const over = await limiter.consume(keys[counter]).then(() => undefined, refusalOf);
      if (!over) continue;
      this.options.events.record({
        type: 'authentication',
        outcome: 'refused',
        reason: 'sms_limit_reached',
        principal: message.accountId,
        clientAddress: message.clientAddress,
      });
      throw new SmsLimitReached(Math.max(1, Math.ceil(over.msBeforeNext / 1000)));
    }
  }

  /**
   * A number's counter is named by a MAC: there are so few numbers that a plain hash of one tells it. With another
   * key-encryption key it begins again.
   */
  async #keysOf(message: WantedMessage): Promise<Readonly<Record<SmsCounter, string>>> {
    const { accountId, number: phone, clientAddress } = message;
    const address = addressBlock(clientAddress ?? '');
    if (address === undefined) throw new ServiceError('INVALID_ARGUMENT', 'client_address_invalid');
    const key = await this.options.encryption.derive('text message limits');
    const number = createHmac('sha256', key).update(phone).digest('base64url');
    return { address, account: accountId, number, everything: 'all' };
  }
}

/** The limiter rejects with a refusal, and with whatever else went wrong: that is thrown. */
function refusalOf(failure: unknown): RateLimiterRes {
  if (failure instanceof RateLimiterRes) return failure;
  throw new ServiceError('UNAVAILABLE', 'dependency_unavailable', 'redis', { cause: failure });
}
