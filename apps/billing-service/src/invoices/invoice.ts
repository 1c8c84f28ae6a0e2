/** What an order costs: a positive amount in minor units of an ISO 4217 currency. */
export interface ChargeTerms {
  readonly amount: number;
  readonly currency: string;
}

/** The record of a charge. `paid` until voided or refunded, and then that for ever. */
export interface Invoice extends ChargeTerms {
  readonly id: string;
  readonly orderId: string;
  readonly owner: string;
  readonly status: 'paid' | 'voided' | 'refunded';
  readonly createdAt: Date;
  /** Set exactly when it is `refunded`. */
  readonly refundedAt?: Date;
}

/** An order that was never charged and never will be. */
export const BARRED = Symbol('barred');

/** How an order stands with billing once anything is recorded for it. */
export type Charge = Invoice | typeof BARRED;
