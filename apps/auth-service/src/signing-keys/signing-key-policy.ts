/** SigningKeyPolicy, bound to what the operator has set. */
export const SIGNING_KEY_POLICY = Symbol('SigningKeyPolicy');

/** When signing keys begin and end. */
export interface SigningKeyPolicy {
  /** For how many seconds a key signs before the schedule replaces it. */
  readonly lifetimeSeconds: number;
  /**
   * For how many seconds a key has to have been published before it signs: longer than any verifier may go without
   * having looked, or tokens are refused that nothing is wrong with.
   */
  readonly publishAheadSeconds: number;
  /** For how many seconds a key is published after it has stopped signing: longer than its last token lives. */
  readonly verifiesAfterRetirementSeconds: number;
}

/**
 * Thirty days a key. Ahead of its first signature it is published for ten minutes: the public key set may be cached for
 * 60 s, the gateways look every 60 s, and who keeps it longer than told shall have the time too. After its last signature it is published for the 900 s of the longest access
 * token, and a minute more for clocks that differ and for a signature that was under way.
 */
export const SIGNING_KEY_POLICY_DEFAULTS: SigningKeyPolicy = {
  lifetimeSeconds: 30 * 24 * 60 * 60,
  publishAheadSeconds: 600,
  verifiesAfterRetirementSeconds: 960,
};
