import { MFA_ACR } from '@sallyport/principal';

/**
 * What completes a sign-in after the password; as the API names it, and in the order in which it is offered: of the factors
 * text messages are the last.
 */
export const MFA_METHODS = ['totp', 'passkey', 'sms', 'recovery_code'] as const;
export type MfaMethod = (typeof MFA_METHODS)[number];

/** A code as it arrived. */
export interface PresentedCode {
  /** One of {@link MFA_METHODS}. */
  readonly method: string;
  /** Of a passkey its assertion: an `AuthenticationResponseJSON` (WebAuthn Level 3 section 5.1.8). */
  readonly code: string;
}

/** How somebody authenticated: class and methods (RFC 8176). */
export interface Authenticated {
  readonly acr: string;
  readonly amr: readonly string[];
}

/**
 * How a session was authenticated that a second factor completed. RFC 8176 has no value for a recovery code, which is
 * something one has but no one-time password: what it completes is `mfa` without `otp`. Of a passkey it depends on what keeps
 * its key.
 */
export const MFA_AUTHENTICATION = {
  totp: { acr: MFA_ACR, amr: ['pwd', 'otp', 'mfa'] },
  sms: { acr: MFA_ACR, amr: ['pwd', 'sms', 'mfa'] },
  recovery_code: { acr: MFA_ACR, amr: ['pwd', 'mfa'] },
} as const satisfies Readonly<Record<Exclude<MfaMethod, 'passkey'>, Authenticated>>;

/** Seconds in which a password that was right is to be completed. */
export const CHALLENGE_SECONDS = 5 * 60;

/** A challenge is void after so many codes, so that the next takes the password again. */
export const CODES_PER_CHALLENGE = 5;

/** Seconds in which a factor that is being enrolled is to be confirmed. */
export const PENDING_SECONDS = 10 * 60;
