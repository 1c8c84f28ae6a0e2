/** RefreshThrottle, bound to counters in Redis. */
export const REFRESH_THROTTLE = Symbol('RefreshThrottle');

/**
 * Refuses exchanges of a session's refresh token that follow one another too fast (R12). Counted by session, which only who
 * holds its current token can bring about: nobody can use up what another's session may.
 */
export interface RefreshThrottle {
  /**
   * Counts an exchange.
   *
   * @throws ServiceError RESOURCE_EXHAUSTED `too_many_attempts`
   */
  admit(sessionId: string, clientAddress: string | undefined): Promise<void>;
}
