/** ExchangeThrottle, bound to counters in Redis. */
export const EXCHANGE_THROTTLE = Symbol('ExchangeThrottle');

/** Refuses Transaction Token requests of a workload that follow one another too fast (R12): a job that runs wild. */
export interface ExchangeThrottle {
  /**
   * Counts a request.
   *
   * @throws ServiceError RESOURCE_EXHAUSTED `too_many_attempts`
   */
  admit(workload: string): Promise<void>;
}
