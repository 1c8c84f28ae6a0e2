import { hash } from 'node:crypto';
import type { Revocation } from '@sallyport/revocation';

/** How long the end of a session is remembered: the ends of what is in force lie within so many seconds. */
export const ENDS_WITHIN_SECONDS = 960;

/**
 * The id of a number: shaped like the ids of sessions and tokens, the same for the same number and yet a string of its
 * own each time, as an id is that has just been read from a token.
 */
export const idOf = (number: number): string => {
  const hex = hash('sha256', String(number), 'hex');
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  // Through a buffer: what template strings and slices give would hold on to their parts.
  return Buffer.from(`${groups.join('-')}-${hex.slice(20, 32)}`, 'latin1').toString('latin1');
};

/** Sessions and tokens in turn, with ends that are spread over the time they are remembered. */
export const revocationOf = (number: number, firstEnd: number): Revocation => ({
  kind: isSession(number) ? 'session' : 'token',
  id: idOf(number),
  expiresAt: firstEnd + (number % ENDS_WITHIN_SECONDS),
});

export const isSession = (number: number): boolean => number % 2 === 0;
