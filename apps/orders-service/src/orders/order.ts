/** An amount in minor units of an ISO 4217 currency. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly price: Money;
}

export interface OrderItem {
  readonly sku: string;
  /** Pieces, 1 to 100. */
  readonly quantity: number;
}

/**
 * `pending → confirmed → cancelling → cancelled`, where `pending` may also step straight to either
 * of the last two. Nothing ever steps back, so an order that was not confirmed before its
 * cancellation never is.
 */
export type OrderStatus = 'pending' | 'confirmed' | 'cancelling' | 'cancelled';

export interface Order {
  readonly id: string;
  readonly status: OrderStatus;
  readonly items: readonly OrderItem[];
  /** The catalogue's prices at the time of ordering. */
  readonly total: Money;
  /** Of the invoice, paid or refunded, when confirmed; of the one voided or refunded, if any, when cancelled. */
  readonly invoiceId: string | undefined;
  readonly createdAt: Date;
}

/** An order not yet accepted, as its client asked for it. */
export interface OrderRequest {
  readonly idempotencyKey: string;
  readonly items: readonly OrderItem[];
}
