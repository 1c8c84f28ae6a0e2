/** SessionPolicy, bound to what the operator has set. */
export const SESSION_POLICY = Symbol('SessionPolicy');

export const LONGEST_GRACE_SECONDS = 10;

/** What an operator may decide about sessions. */
export interface SessionPolicy {
  /** After how many seconds without a refresh a session ends; undefined: only at its absolute end. */
  readonly idleLimitSeconds: number | undefined;
  /**
   * For how many seconds after a rotation the token before it is answered with the same successor, as long as that is
   * unused; 0 to 10. With 0 every token but the current one ends the session.
   */
  readonly refreshGraceSeconds: number;
}

/** Nothing is forgiven. */
export const STRICT_SESSION_POLICY: SessionPolicy = {
  idleLimitSeconds: undefined,
  refreshGraceSeconds: 0,
};
