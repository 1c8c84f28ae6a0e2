/** So many attempts in a window that opens with the first of them. */
export interface AttemptLimit {
  readonly attempts: number;
  readonly seconds: number;
}

/** What is counted: attempts from an address, on an account from an address, on an account from anywhere. */
export type Counter = 'address' | 'accountAtAddress' | 'account';

/** Which limits an action has. */
export type ThrottlingPolicy = Readonly<
  Record<
    'login' | 'registration' | 'second_factor' | 'password_reset',
    Readonly<Partial<Record<Counter, AttemptLimit>>>
  >
>;

const MINUTES = 60;

/**
 * Each attempt is counted before it is looked at, by one counter after the other in the order of
 * {@link COUNTERS}; one that is over its limit ends the matter, and those after it do not count.
 *
 * - `address` stops one machine that tries many accounts. A successful login does not reset it, or
 *   an attacker would reset it with an account of their own.
 * - `accountAtAddress` stops one machine that tries one account, long before it could shut its
 *   owner out elsewhere.
 * - `account` stops many machines that try one account: SP 800-63B-4 section 3.2.2 allows 100
 *   consecutive failures. It is the last, so that one machine adds little to it.
 */
export const THROTTLING = {
  login: {
    address: { attempts: 100, seconds: 15 * MINUTES },
    accountAtAddress: { attempts: 10, seconds: 15 * MINUTES },
    account: { attempts: 100, seconds: 60 * MINUTES },
  },
  // Each may send a mail, as those below.
  registration: {
    address: { attempts: 30, seconds: 60 * MINUTES },
    accountAtAddress: { attempts: 5, seconds: 60 * MINUTES },
    account: { attempts: 20, seconds: 60 * MINUTES },
  },
  // Of codes that six digits make, three are right at a time: fifty guesses in a day hit one with 0.015 %.
  second_factor: {
    address: { attempts: 100, seconds: 15 * MINUTES },
    accountAtAddress: { attempts: 10, seconds: 15 * MINUTES },
    account: { attempts: 50, seconds: 24 * 60 * MINUTES },
  },
  // Each may send a mail: the last bounds what all machines together can do to one mailbox.
  password_reset: {
    address: { attempts: 30, seconds: 60 * MINUTES },
    accountAtAddress: { attempts: 5, seconds: 60 * MINUTES },
    account: { attempts: 20, seconds: 60 * MINUTES },
  },
} as const satisfies ThrottlingPolicy;

/** From the widest to the narrowest, then the one an attacker must not be able to use up alone. */
export const COUNTERS = [
  'address',
  'accountAtAddress',
  'account',
] as const satisfies readonly Counter[];
