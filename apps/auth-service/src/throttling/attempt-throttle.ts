import type { EmailAddress } from '../accounts/email-address';
import type { ThrottlingPolicy } from './throttling-policy';

/** AttemptThrottle, bound to counters in Redis. */
export const ATTEMPT_THROTTLE = Symbol('AttemptThrottle');

export type ThrottledAction = keyof ThrottlingPolicy;

/** Somebody tries to use or create the account of an e-mail address. */
export interface Attempt {
  readonly email: EmailAddress;
  readonly clientAddress: string | undefined;
  /** Id of a trusted device of this account that it comes from; any other device is nobody's. */
  readonly deviceId?: string | undefined;
  /**
   * Id of the session of this account that it is made in: counted as by a device, and never with strangers' attempts. Who holds a
   * stolen access token locks nobody out.
   */
  readonly sessionId?: string | undefined;
}

/** What is known of an attempt that may be looked at. */
export interface Admission {
  /** The last one on the account, from wherever: when it fails as well, the account is locked for a while. */
  readonly isLast: boolean;
}

/** Refuses attempts over the limits of a {@link ThrottlingPolicy} (R12). */
export interface AttemptThrottle {
  /**
   * Counts an attempt.
   *
   * @throws ServiceError RESOURCE_EXHAUSTED `too_many_attempts`, with the seconds to wait; INVALID_ARGUMENT
   * `client_address_invalid`; UNAVAILABLE `dependency_unavailable` when it cannot be counted: then
   * nothing is let through.
   */
  admit(action: ThrottledAction, attempt: Attempt): Promise<Admission>;

  /**
   * Forgets the failed attempts on an account after one that succeeded, but not those of the address. What succeeds on a
   * trusted device forgets those of the device alone: it says nothing of who else is trying.
   *
   * @param action `login` when left out: a right password says nothing of the codes that were tried
   * @throws ServiceError UNAVAILABLE `dependency_unavailable`.
   */
  forgetFailures(attempt: Attempt, action?: ThrottledAction): Promise<void>;
}
