import type { Options } from '@node-rs/argon2';

/**
 * How passwords are hashed: argon2id v1.3 with the package's 16 bytes of salt and 32 of output.
 *
 * The middle one of the equally strong settings that OWASP's cheat sheet lists, about 10 ms of one
 * core. Whoever changes it changes every stored hash, one by one as their owners log in.
 */
export const ARGON2_PARAMETERS = {
  /** KiB: 19 MiB. */
  memoryCost: 19_456,
  /** Passes over that memory. */
  timeCost: 2,
  parallelism: 1,
  outputLen: 32,
} as const satisfies Options;

/**
 * How many hashes may be under way and waiting in one process.
 *
 * Hashing runs in libuv's pool of four threads, which file access, name look-ups and the signing of
 * tokens share: two are left to them. A place in the queue is worth a wait of well under a second;
 * who finds it full is refused at once, so that a flood of logins cannot pile up memory or latency.
 */
export const HASHING_CAPACITY = { running: 2, waiting: 64 } as const;
