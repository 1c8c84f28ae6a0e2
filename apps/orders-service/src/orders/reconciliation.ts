export const RECONCILIATION = Symbol('Reconciliation');

/** When orders whose charge or void is unsettled are taken up again. */
export interface Reconciliation {
  /** Mean pause between two passes. */
  readonly intervalSeconds: number;
  /** How long an order is left to the call that is settling it. */
  readonly graceSeconds: number;
  /** Uniform in [0, 1): spreads the replicas' passes. */
  readonly random: () => number;
}
