import { ServiceError } from '@sallyport/nest-zero-trust';
import type { PhoneNumber } from '../sms/phone-number';
import type { AttemptLimit } from './throttling-policy';

/** SmsThrottle, bound to counters in Redis. */
export const SMS_THROTTLE = Symbol('SmsThrottle');

/** Somebody wants a text message sent. */
export interface WantedMessage {
  readonly accountId: string;
  readonly number: PhoneNumber;
  readonly clientAddress: string | undefined;
}

/** What is counted: messages asked for from an address, for an account, to a number, and all together. */
export type SmsCounter = 'address' | 'account' | 'number' | 'everything';

export type SmsLimits = Readonly<Record<SmsCounter, AttemptLimit>>;

const HOUR = 60 * 60;

/**
 * Each message is counted before it is sent, by one counter after the other in this order; one that is over its limit ends
 * the matter, and those after it do not count.
 *
 * - `address` and `account` stop who would have many numbers called, for the money that some of them earn.
 * - `number` stops many accounts that would have one person's phone ring.
 * - `everything` bounds the bill, whatever the others miss. It is the last, so that one machine adds little to it.
 */
export const SMS_LIMITS: SmsLimits = {
  address: { attempts: 20, seconds: HOUR },
  account: { attempts: 10, seconds: HOUR },
  number: { attempts: 5, seconds: HOUR },
  everything: { attempts: 500, seconds: HOUR },
};

export const SMS_COUNTERS = [
  'address',
  'account',
  'number',
  'everything',
] as const satisfies readonly SmsCounter[];

/** No message was sent: there were too many. */
export class SmsLimitReached extends ServiceError {
  /** @param retryAfterSeconds from when on there may be another one */
  constructor(retryAfterSeconds: number) {
    super('RESOURCE_EXHAUSTED', 'too_many_attempts', undefined, { retryAfterSeconds });
  }
}

/** Refuses messages over {@link SmsLimits} (R12). */
export interface SmsThrottle {
  /**
   * Counts a message.
   *
   * @throws SmsLimitReached; ServiceError INVALID_ARGUMENT `client_address_invalid`; UNAVAILABLE `dependency_unavailable`
   * when it cannot be counted: then nothing is sent.
   */
  admit(message: WantedMessage): Promise<void>;
}
