/** As orders-service has it. */
export interface OrderRow {
  readonly id: string;
  readonly status: 'pending' | 'confirmed' | 'cancelling' | 'cancelled';
  readonly invoice_id: string | null;
}

/** As billing-service has it. */
export interface ChargeRow {
  readonly order_id: string;
  readonly state: 'charged' | 'voided' | 'refunded' | 'barred';
  readonly invoice_id: string | null;
}

/** How an order is made to agree with its charge again; `none` is for people. */
export type Repair = 'void_charge' | 'write_charge' | 'cancel_order' | 'none';

export interface Difference {
  readonly orderId: string;
  readonly what: string;
  readonly repair: Repair;
}

/**
 * Where the databases of orders and billing disagree after one of them was restored to an earlier moment. What is under way is
 * left to the reconciler of orders-service, which asks billing-service.
 *
 * An order that billing has charged and orders-service does not know is lost: what was ordered is not written down anywhere else,
 * so the charge is voided. A charge that is lost is written again from its order, which has everything of it.
 */
export function differenceOf(
  orderId: string,
  order: OrderRow | undefined,
  charge: ChargeRow | undefined,
): Difference | undefined {
  const found = (what: string, repair: Repair): Difference => ({ orderId, what, repair });
  if (order === undefined) {
    return charge?.state === 'charged'
      ? found('charged, and its order is lost', 'void_charge')
      : undefined;
  }
  switch (order.status) {
    case 'pending':
    case 'cancelling':
      return undefined;
    case 'confirmed':
      return ofConfirmed(order, charge, found);
    case 'cancelled':
      if (charge === undefined)
        return found('cancelled, and billing knows nothing of it', 'write_charge');
      if (charge.state !== 'charged') return undefined;
      return found('cancelled, and still charged', 'void_charge');
  }
}

function ofConfirmed(
  order: OrderRow,
  charge: ChargeRow | undefined,
  found: (what: string, repair: Repair) => Difference,
): Difference | undefined {
  if (charge === undefined) return found('confirmed, and its charge is lost', 'write_charge');
  if (charge.invoice_id !== order.invoice_id)
    return found('confirmed with another invoice', 'none');
  switch (charge.state) {
    case 'charged':
    case 'refunded':
      return undefined;
    case 'voided':
      return found('confirmed, and its charge was voided since', 'cancel_order');
    case 'barred':
      return found('confirmed, and barred from being charged', 'none');
  }
}
