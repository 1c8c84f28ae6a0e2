import type { Password } from './password';

/** BreachedPasswords, bound to a range service, or to nothing. */
export const BREACHED_PASSWORDS = Symbol('BreachedPasswords');

/** Knows the passwords of breaches, more of them than a list that is shipped can hold. */
export interface BreachedPasswords {
  /** Whether a password is known. Never rejects: when that cannot be found out, it says no. */
  includes(password: Password): Promise<boolean>;
}

/** For an installation that asks nobody. */
export const NO_BREACHED_PASSWORDS: BreachedPasswords = {
  includes: () => Promise.resolve(false),
};
