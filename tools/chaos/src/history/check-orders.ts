import type { FinalState, StoredCharge, StoredOrder } from './final-state';
import type { AcknowledgedOrder, History } from './history';
import type { Violation } from './violation';

type Orders = Pick<History, 'orders' | 'cancellations'>;
type Stored = Pick<FinalState, 'orders' | 'charges' | 'shown'>;

/** That all orders that were acknowledged exist, once, as they were acknowledged, and as their owner is shown them. */
export function checkNoOrderLost(history: Orders, state: Stored): readonly Violation[] {
  const stored = new Map(state.orders.map((order) => [order.id, order]));
  const shown = new Map(state.shown.map((order) => [order.id, order]));
  const cancelled = new Set(history.cancellations.map(({ orderId }) => orderId));
  const violations: Violation[] = [];
  for (const { at, orderId, status, key, owner } of history.orders) {
    const say = (detail: string): void => {
      violations.push({
        invariant: 'no order lost',
        detail: `an order ${detail}`,
        subject: orderId,
        at,
      });
    };
    const order = stored.get(orderId);
    if (order === undefined) {
      say(`was acknowledged as ${status} and is not there`);
      continue;
    }
    if (order.owner !== owner) say('belongs to somebody else');
    if (order.key !== key) say('has another idempotency key');
    if (status === 'confirmed' && order.status !== 'confirmed' && !cancelled.has(orderId)) {
      say(`was confirmed, is ${order.status}, and nobody cancelled it`);
    }
    if (shown.get(orderId)?.status !== order.status) {
      say(`is ${order.status} and shown as ${shown.get(orderId)?.status ?? 'nothing'}`);
    }
  }
  for (const { at, orderId, acknowledged } of history.cancellations) {
    const status = stored.get(orderId)?.status;
    if (!acknowledged || status === 'cancelled') continue;
    const detail = `the cancellation of an order was acknowledged, it is ${status ?? 'not there'}`;
    violations.push({ invariant: 'no order lost', detail, subject: orderId, at });
  }
  return violations;
}

/** That a key made one order, and an order one charge, of its own amount. */
export function checkNoneChargedTwice(history: Orders, state: Stored): readonly Violation[] {
  const placedAt = acknowledgedAt(history.orders);
  const violations: Violation[] = [];
  const say = (orderId: string, detail: string): void => {
    const at = placedAt.get(orderId);
    violations.push({
      invariant: 'none charged twice',
      detail: `an order ${detail}`,
      subject: orderId,
      at,
    });
  };
  for (const orders of groups(state.orders, ({ owner, key }) => `${owner} ${key}`)) {
    const [, ...more] = orders;
    for (const { id } of more) say(id, 'was made by a key that had made another');
  }
  const answered = groups(history.orders, ({ owner, key }) => `${owner} ${key}`);
  for (const [first, ...more] of answered) {
    for (const { orderId } of more) {
      if (orderId !== first?.orderId) say(orderId, 'was answered to a key that had another order');
    }
  }
  const orders = new Map(state.orders.map((order) => [order.id, order]));
  for (const charges of groups(state.charges, ({ orderId }) => orderId)) {
    const [charge] = charges;
    if (charge === undefined) continue;
    if (charges.length > 1) say(charge.orderId, `has ${charges.length} charges`);
    if (charge.state === 'barred') continue;
    const order = orders.get(charge.orderId);
    if (order === undefined) say(charge.orderId, 'is charged and does not exist');
    else if (charge.amount !== order.amount) say(order.id, 'is charged another amount');
    else if (charge.owner !== order.owner) say(order.id, 'is charged to somebody else');
  }
  for (const { id, paidInvoices } of state.shown) {
    if (paidInvoices > 1) say(id, `is shown with ${paidInvoices} paid invoices`);
  }
  return violations;
}

/** That every order has come to where billing stands: confirmed and paid, or cancelled and not. */
export function checkSettled(history: Orders, state: Stored): readonly Violation[] {
  const placedAt = acknowledgedAt(history.orders);
  const charges = new Map(state.charges.map((charge) => [charge.orderId, charge]));
  const paid = new Map(state.shown.map(({ id, paidInvoices }) => [id, paidInvoices]));
  return state.orders.flatMap((order) => {
    const detail = unsettled(order, charges.get(order.id), paid.get(order.id));
    if (detail === undefined) return [];
    const at = placedAt.get(order.id);
    return [
      { invariant: 'every order settled', detail: `an order ${detail}`, subject: order.id, at },
    ];
  });
}

function unsettled(
  { status, invoiceId }: StoredOrder,
  charge: StoredCharge | undefined,
  paidInvoices: number | undefined,
): string | undefined {
  const isPaid = charge?.state === 'charged' || charge?.state === 'refunded';
  switch (status) {
    case 'confirmed':
      if (!isPaid || charge.invoiceId !== invoiceId) return 'is confirmed and not paid';
      return paidInvoices === undefined || paidInvoices === 1
        ? undefined
        : 'is confirmed and shown without a paid invoice';
    case 'cancelled':
      return isPaid ? 'is cancelled and paid' : undefined;
    default:
      return `is still ${status}`;
  }
}

function acknowledgedAt(orders: readonly AcknowledgedOrder[]): ReadonlyMap<string, number> {
  return new Map([...orders].reverse().map(({ orderId, at }) => [orderId, at]));
}

function groups<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): Iterable<readonly Item[]> {
  const byKey = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = byKey.get(key);
    if (group === undefined) byKey.set(key, [item]);
    else group.push(item);
  }
  return byKey.values();
}
