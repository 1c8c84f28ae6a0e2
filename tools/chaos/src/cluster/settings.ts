import type { ClusterOptions } from '@sallyport/launcher';

/** The longest an operator may set: who lost the answer to a refresh gets it again so much later. */
export const REFRESH_GRACE_SECONDS = 10;

/**
 * The load comes from one address, which the limits would take for one very busy stranger. Everything else is as it is
 * by default, except the grace for lost answers, which is what an operator sets whose network loses them.
 */
export const SETTINGS: NonNullable<ClusterOptions['serviceSettings']> = {
  gateway: { RATE_LIMIT_SCALE: '1000' },
  'auth-service': {
    LOGIN_ATTEMPTS_PER_ADDRESS: '100000',
    REGISTRATIONS_PER_ADDRESS: '100000',
    REFRESHES_PER_SESSION: '100000',
    REFRESH_GRACE_SECONDS: String(REFRESH_GRACE_SECONDS),
  },
};
