import type { Principal } from '@sallyport/principal';
import type { Clock } from '@sallyport/tokens';
import type { RequiredAuthentication } from '../declarations/access-declaration';

/** By how much the clock of whoever authenticated the user may be ahead, in seconds. */
const CLOCK_SKEW_SECONDS = 5;

/** Why the authentication of a principal does not meet what a handler requires. */
export type AuthenticationShortfall =
  /** Nobody is there who could authenticate: an API key, a client on its own, a partner. */
  | 'user_not_present'
  /** Too weak or too long ago (RFC 9470 section 3). */
  | 'insufficient_user_authentication';

/** What authentications are measured by. */
export interface AuthenticationMeasure {
  /** Authentication context classes, the weakest first. */
  readonly classes: readonly string[];
  readonly clock: Clock;
}

/**
 * What a principal lacks of a required authentication; undefined when nothing. What its credential does not say does not
 * count in its favour: neither an absent or unknown `acr`, nor an `auth_time` that is absent or ahead.
 */
export function authenticationShortfall(
  { acr: requiredAcr, maxAge }: RequiredAuthentication,
  { type, sessionId, acr, authTime }: Principal,
  { classes, clock }: AuthenticationMeasure,
): AuthenticationShortfall | undefined {
  if (type !== 'user' || sessionId === undefined) return 'user_not_present';
  const weakest = classes.indexOf(requiredAcr);
  const isStrong = weakest >= 0 && acr !== undefined && classes.indexOf(acr) >= weakest;
  const age = Math.floor(clock().getTime() / 1000) - (authTime ?? Number.NaN);
  const isRecent = age >= -CLOCK_SKEW_SECONDS && age <= maxAge;
  return isStrong && isRecent ? undefined : 'insufficient_user_authentication';
}
