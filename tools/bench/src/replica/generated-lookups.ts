import { randomInt } from 'node:crypto';
import type { RevocableClaims } from '@sallyport/revocation';
import { idOf, isSession } from './generated-revocations';

/** A question to a replica, and the answer it has to give. */
export interface Lookup {
  readonly claims: RevocableClaims;
  readonly expected: 'session' | 'token' | undefined;
}

/** Claims of tokens that were revoked, by themselves or with their session. */
export const generateHits = (count: number, entries: number): readonly Lookup[] =>
  Array.from({ length: count }, () => {
    const number = randomInt(entries);
    // Nothing revoked has so high a number.
    const other = idOf(entries + number);
    return isSession(number)
      ? { claims: claimsOf(idOf(number), other), expected: 'session' }
      : { claims: claimsOf(other, idOf(number)), expected: 'token' };
  });

/** Claims of tokens that nothing has revoked. */
export const generateMisses = (count: number, entries: number): readonly Lookup[] =>
  Array.from({ length: count }, (_, index) => ({
    claims: claimsOf(idOf(entries + 2 * index), idOf(entries + 2 * index + 1)),
    expected: undefined,
  }));

const claimsOf = (sid: string, jti: string): RevocableClaims => ({
  sid,
  jti,
  sub: 'a-subject',
  client_id: 'a-client',
  iat: 0,
});
