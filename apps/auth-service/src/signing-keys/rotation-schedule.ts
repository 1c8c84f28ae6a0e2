import type { SigningKeyPolicy } from './signing-key-policy';
import type { SigningKeyRecord } from './signing-key-record';

/**
 * What the schedule asks for now: that the next key is always prepared, so that it is known to every verifier on the day
 * the active one has to go at once, and that it takes over once the active one has signed for its lifetime. A key that
 * was prepared late keeps it waiting.
 */
export function dueTransition(
  keys: readonly SigningKeyRecord[],
  now: Date,
  policy: SigningKeyPolicy,
): 'prepare' | 'activate' | undefined {
  const active = keys.find(({ state }) => state === 'active');
  if (!active) return undefined;
  const prepared = keys.find(({ state }) => state === 'prepared');
  if (!prepared) return 'prepare';
  const signedForSeconds = secondsBetween(active.activatedAt ?? active.createdAt, now);
  const isDue = signedForSeconds >= policy.lifetimeSeconds;
  return isDue && isPublishedLongEnough(prepared, now, policy) ? 'activate' : undefined;
}

/** Whether every verifier has had the time to learn of the key. */
export function isPublishedLongEnough(
  { createdAt }: SigningKeyRecord,
  now: Date,
  { publishAheadSeconds }: SigningKeyPolicy,
): boolean {
  return secondsBetween(createdAt, now) >= publishAheadSeconds;
}

function secondsBetween(earlier: Date, later: Date): number {
  return (later.getTime() - earlier.getTime()) / 1000;
}
