import type { Order } from './order';

export const BILLING = Symbol('Billing');

/**
 * What orders need of billing. Billing decides one order's calls one after the other, so each
 * answer stands: after `undefined` the order can no longer be charged, after `void` neither.
 *
 * Every method may be repeated, and rejects with RpcError when the outcome is not known.
 */
export interface Billing {
  /**
   * Charges the order's total to the user of the transaction token.
   * @returns the id of the invoice, refunded since or not, or undefined when the order was barred or
   * voided before.
   */
  charge(order: Order, presentedTransactionToken: string): Promise<string | undefined>;
  /** Tells whether the order was charged and, if not, bars it. Runs in a transaction of this workload.
   * @returns the id of the invoice, refunded since or not, or undefined when there is none and never will be. */
  resolve(orderId: string, transactionToken: string): Promise<string | undefined>;
  /** Voids the order's charge and bars another. Runs in a transaction of this workload.
   * @returns the id of the invoice, voided or refunded before, or undefined when the order had none. */
  void(orderId: string, transactionToken: string): Promise<string | undefined>;
}
