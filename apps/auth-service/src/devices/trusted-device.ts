import type { SignInOrigin } from '../sessions/session';

/** A device from which somebody has completed a sign-in to an account, and which is known again by its token. */
export interface TrustedDevice {
  /** UUID. Stays the same when the token is exchanged. */
  readonly id: string;
  readonly accountId: string;
}

/** A sign-in that has just been completed. */
export interface CompletedSignIn {
  readonly accountId: string;
  /** The session it opened; undefined for the one of a browser at the authorization server. */
  readonly sessionId: string | undefined;
  readonly origin: SignInOrigin;
  readonly now: Date;
}

/** Ninety days from the last sign-in. */
export const DEVICE_LIFETIME_SECONDS = 90 * 24 * 60 * 60;

/** An account has no more trusted devices than this; another one takes the place of the one that was used longest ago. */
export const MOST_DEVICES = 50;
