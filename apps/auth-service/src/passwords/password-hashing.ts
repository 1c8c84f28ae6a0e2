import type { Password } from './password';

/** PasswordHashing, bound to argon2id. */
export const PASSWORD_HASHING = Symbol('PasswordHashing');

/** A slow one-way function of passwords. */
export interface PasswordHashing {
  /** A PHC string with a salt of its own; the id of the pepper stands before it, if there is one. */
  hash(password: Password): Promise<string>;

  /** @param phc what {@link hash} gave, now or with earlier parameters. */
  verify(password: Password, phc: string): Promise<boolean>;

  /** Whether the hash was made with today's parameters, and today's pepper. */
  isCurrent(phc: string): boolean;

  /** A hash of today's parameters that no password fits: verifying against it costs what a real one costs. */
  readonly unmatchable: string;
}
