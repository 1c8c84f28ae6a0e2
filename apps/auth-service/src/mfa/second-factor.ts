import { MFA_ACR } from '@sallyport/principal';

/** What completes a sign-in after the password; as the API names it. */
export const MFA_METHODS = ['totp', 'recovery_code'] as const;
export type MfaMethod = (typeof MFA_METHODS)[number];

/** A code as it arrived. */
export interface PresentedCode {
  /** One of {@link MFA_METHODS}. */
  readonly method: string;
  readonly code: string;
}

/**
 * How a session was authenticated that a second factor completed. RFC 8176 has no value for a recovery code, which is
 * something one has but no one-time password: what it completes is `mfa` without `otp`.
 */
export const MFA_AUTHENTICATION = {
  totp: { acr: MFA_ACR, amr: ['pwd', 'otp', 'mfa'] },
  recovery_code: { acr: MFA_ACR, amr: ['pwd', 'mfa'] },
} as const satisfies Readonly<
  Record<MfaMethod, { readonly acr: string; readonly amr: readonly string[] }>
>;

/** Seconds in which a password that was right is to be completed. */
export const CHALLENGE_SECONDS = 5 * 60;

/** A challenge is void after so many codes, so that the next takes the password again. */
export const CODES_PER_CHALLENGE = 5;

/** Seconds in which a factor that is being enrolled is to be confirmed. */
export const PENDING_SECONDS = 10 * 60;
