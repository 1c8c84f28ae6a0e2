import type { FinalState } from './final-state';
import { History } from './history';

type More = Partial<Pick<FinalState, 'orders' | 'charges' | 'shown'>>;

const OWNER = 'user:alice';

/** A run in which nothing was wrong: one order confirmed and paid, one cancelled. */
export function soundRun(): { history: History; state: FinalState } {
  const history = new History();
  history.orders.push(
    { at: 100, owner: OWNER, key: 'key-1', orderId: 'order-1', status: 'confirmed' },
    { at: 200, owner: OWNER, key: 'key-2', orderId: 'order-2', status: 'pending' },
  );
  history.cancellations.push({ at: 300, orderId: 'order-2', acknowledged: true });
  return {
    history,
    state: {
      orders: [
        {
          id: 'order-1',
          owner: OWNER,
          key: 'key-1',
          status: 'confirmed',
          amount: 1250,
          invoiceId: 'invoice-1',
        },
        {
          id: 'order-2',
          owner: OWNER,
          key: 'key-2',
          status: 'cancelled',
          amount: 1250,
          invoiceId: null,
        },
      ],
      charges: [
        {
          orderId: 'order-1',
          state: 'charged',
          invoiceId: 'invoice-1',
          owner: OWNER,
          amount: 1250,
        },
        { orderId: 'order-2', state: 'barred', invoiceId: null, owner: null, amount: null },
      ],
      shown: [
        { id: 'order-1', owner: OWNER, status: 'confirmed', paidInvoices: 1 },
        { id: 'order-2', owner: OWNER, status: 'cancelled', paidInvoices: 0 },
      ],
      audits: [],
    },
  };
}

/** The same, with the first of each changed. */
export function withFirst(
  state: FinalState,
  what: {
    readonly order?: Partial<FinalState['orders'][number]>;
    readonly charge?: Partial<FinalState['charges'][number]>;
    readonly shown?: Partial<FinalState['shown'][number]>;
  },
): FinalState {
  const change = <Item>(items: readonly Item[], changes?: Partial<Item>): readonly Item[] =>
    items.map((item, index) => (index === 0 ? { ...item, ...changes } : item));
  return {
    ...state,
    orders: change(state.orders, what.order),
    charges: change(state.charges, what.charge),
    shown: change(state.shown, what.shown),
  };
}

/** The same, with more rows. */
export function withMore(state: FinalState, more: More): FinalState {
  return {
    ...state,
    orders: [...state.orders, ...(more.orders ?? [])],
    charges: [...state.charges, ...(more.charges ?? [])],
    shown: [...state.shown, ...(more.shown ?? [])],
  };
}
