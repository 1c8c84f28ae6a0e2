import { Inject, Injectable } from '@nestjs/common';
import { BILLING } from './billing';
import type { Billing } from './billing';
import type { Order } from './order';
import { OrdersRepository } from './orders.repository';

/** What one step did to its order. `superseded`: someone else had decided it meanwhile. */
export type Settlement = 'confirmed' | 'cancelled' | 'superseded';

/**
 * Brings an order to where billing stands.
 *
 * Each step asks billing first and then changes the order under a guard, so it may run at the same
 * time as any other step, be repeated, or be lost at any point:
 * - billing voids only what is `cancelling`, and nothing leads from there to `confirmed`: a
 *   confirmed order's invoice is paid, or its owner had it refunded;
 * - an order is cancelled only after billing has barred or voided its charge, for ever: a charge
 *   that arrives later is refused.
 *
 * Rejects with RpcError when billing's decision is not known; the order is then as it was.
 */
@Injectable()
export class OrderSettlement {
  constructor(
    private readonly orders: OrdersRepository,
    @Inject(BILLING) private readonly billing: Billing,
  ) {}

  /** For a pending order whose user is present. */
  async charge(order: Order, presentedTransactionToken: string): Promise<Settlement> {
    return this.conclude(order.id, await this.billing.charge(order, presentedTransactionToken));
  }

  /** For a pending order whose charge was tried with an unknown outcome. */
  async resolve(orderId: string, transactionToken: string): Promise<Settlement> {
    return this.conclude(orderId, await this.billing.resolve(orderId, transactionToken));
  }

  /** For a cancelling order, and for no other: a void is never taken back. */
  async void(orderId: string, transactionToken: string): Promise<Settlement> {
    const returnedInvoiceId = await this.billing.void(orderId, transactionToken);
    const finished = await this.orders.finishCancellation(orderId, returnedInvoiceId);
    return finished ? 'cancelled' : 'superseded';
  }

  private async conclude(orderId: string, chargedInvoiceId?: string): Promise<Settlement> {
    if (chargedInvoiceId === undefined) {
      return (await this.orders.abandon(orderId)) ? 'cancelled' : 'superseded';
    }
    return (await this.orders.confirm(orderId, chargedInvoiceId)) ? 'confirmed' : 'superseded';
  }
}
