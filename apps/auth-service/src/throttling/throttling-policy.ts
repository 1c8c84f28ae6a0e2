/** So many attempts in a window that opens with the first of them. */
export interface AttemptLimit {
  readonly attempts: number;
  readonly seconds: number;
  /** How long nothing more is looked at after the last of them, in seconds; until the window ends when left out. */
  readonly lockSeconds?: number;
  /** Growing pauses between them; none when left out. */
  readonly pauses?: Pauses;
}

/** After each attempt beyond the free ones nothing is looked at for 1, 2, 4, 8 … seconds. */
export interface Pauses {
  readonly free: number;
  readonly longestSeconds: number;
}

/**
 * What is counted: attempts from an address, on an account from an address, on an account from anywhere; and on an account
 * from one of its trusted devices or in one of its sessions, which are counted nowhere else.
 */
export type Counter = 'address' | 'accountAtAddress' | 'account' | 'device';

/** Which limits an action has. */
export type ThrottlingPolicy = Readonly<
  Record<
    'login' | 'registration' | 'second_factor' | 'passkey' | 'password_reset',
    Readonly<Partial<Record<Counter, AttemptLimit>>>
  >
>;

const MINUTES = 60;
const HOURS = 60 * MINUTES;

/**
 * Each attempt is counted before it is looked at, by every counter of its action at once; one that is over the limit of a
 * counter, or comes in its pause, counts at none.
 *
 * - `address` stops one machine that tries many accounts. A successful login does not reset it, or
 *   an attacker would reset it with an account of their own.
 * - `accountAtAddress` stops one machine that tries one account, long before it could shut its
 *   owner out elsewhere.
 * - `account` stops many machines that try one account: SP 800-63B-4 section 3.2.2 allows 100
 *   consecutive failures, of which one machine makes few. Its pauses are short, because they are the owner's as well. Once it is used up the account is locked.
 * - `device` stands in the place of all others for an attempt from a trusted device of the account, until it is used up, and for
 *   one that is made in a session.
 */
export const THROTTLING = {
  login: {
    address: { attempts: 100, seconds: 15 * MINUTES },
    accountAtAddress: {
      attempts: 10,
      seconds: 15 * MINUTES,
      pauses: { free: 3, longestSeconds: 60 },
    },
    account: {
      attempts: 100,
      seconds: HOURS,
      lockSeconds: HOURS,
      pauses: { free: 20, longestSeconds: 8 },
    },
    device: { attempts: 10, seconds: HOURS, pauses: { free: 3, longestSeconds: 60 } },
  },
  // Each may send a mail, as those below.
  registration: {
    address: { attempts: 30, seconds: HOURS },
    accountAtAddress: { attempts: 5, seconds: HOURS },
    account: { attempts: 20, seconds: HOURS },
  },
  // Of codes that six digits make, three are right at a time: fifty guesses in a day hit one with 0.015 %.
  // What a challenge takes has no pauses: after five the password is asked for again.
  second_factor: {
    address: { attempts: 100, seconds: 15 * MINUTES },
    accountAtAddress: {
      attempts: 10,
      seconds: 15 * MINUTES,
      pauses: { free: 5, longestSeconds: 60 },
    },
    account: { attempts: 50, seconds: 24 * HOURS },
    device: { attempts: 10, seconds: 24 * HOURS, pauses: { free: 5, longestSeconds: 60 } },
  },
  // Nobody guesses a signature. Counted together from all addresses, others could shut its owner out.
  passkey: {
    address: { attempts: 100, seconds: 15 * MINUTES },
    accountAtAddress: { attempts: 10, seconds: 15 * MINUTES },
    device: { attempts: 10, seconds: 15 * MINUTES },
  },
  // Each may send a mail: the last bounds what all machines together can do to one mailbox.
  password_reset: {
    address: { attempts: 30, seconds: HOURS },
    accountAtAddress: { attempts: 5, seconds: HOURS },
    account: { attempts: 20, seconds: HOURS },
  },
} as const satisfies ThrottlingPolicy;

/** What counts an attempt that comes from no trusted device. */
export const COUNTERS = [
  'address',
  'accountAtAddress',
  'account',
] as const satisfies readonly Counter[];
