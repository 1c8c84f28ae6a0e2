/** MfaPolicy, as the operator has set it. */
export const MFA_POLICY = Symbol('MfaPolicy');

/** For whom a second factor is no choice of their own. */
export interface MfaPolicy {
  /** Whose accounts hold one of these may not remove the factor they have. */
  readonly requiredForScopes: ReadonlySet<string>;
}
