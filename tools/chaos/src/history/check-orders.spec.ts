import { checkNoneChargedTwice, checkNoOrderLost, checkSettled } from './check-orders';
import type { FinalState } from './final-state';
import { soundRun, withFirst, withMore } from './run.fixture';

const { history, state } = soundRun();
const [order, charge] = [state.orders[0], state.charges[0]] as const;

const all = (found: FinalState, seen = history): readonly string[] =>
  [
    ...checkNoOrderLost(seen, found),
    ...checkNoneChargedTwice(seen, found),
    ...checkSettled(seen, found),
  ].map(({ invariant, detail }) => `${invariant}: ${detail}`);

describe('an order that', () => {
  it.each<[string, FinalState, string]>([
    [
      'is not there',
      { ...state, orders: state.orders.slice(1), charges: [] },
      'no order lost: an order was acknowledged as confirmed and is not there',
    ],
    [
      'was confirmed and is cancelled, though nobody asked for it',
      withFirst(state, {
        order: { status: 'cancelled' },
        charge: { state: 'voided' },
        shown: { status: 'cancelled', paidInvoices: 0 },
      }),
      'no order lost: an order was confirmed, is cancelled, and nobody cancelled it',
    ],
    [
      'belongs to somebody else',
      withFirst(state, { order: { owner: 'user:mallory' } }),
      'no order lost: an order belongs to somebody else',
    ],
    [
      'its owner is not shown',
      { ...state, shown: state.shown.slice(1) },
      'no order lost: an order is confirmed and shown as nothing',
    ],
    [
      'its key made twice',
      withMore(state, {
        orders: [{ ...(order as FinalState['orders'][number]), id: 'order-3' }],
      }),
      'none charged twice: an order was made by a key that had made another',
    ],
    [
      'is charged twice',
      withMore(state, { charges: [charge as FinalState['charges'][number]] }),
      'none charged twice: an order has 2 charges',
    ],
    [
      'is shown with two paid invoices',
      withFirst(state, { shown: { paidInvoices: 2 } }),
      'none charged twice: an order is shown with 2 paid invoices',
    ],
    [
      'is charged another amount',
      withFirst(state, { charge: { amount: 1 } }),
      'none charged twice: an order is charged another amount',
    ],
    [
      'is charged to somebody else',
      withFirst(state, { charge: { owner: 'user:mallory' } }),
      'none charged twice: an order is charged to somebody else',
    ],
    [
      'is charged and does not exist',
      withFirst(state, { charge: { orderId: 'order-4' } }),
      'none charged twice: an order is charged and does not exist',
    ],
    [
      'is left pending',
      withFirst(state, { order: { status: 'pending' } }),
      'every order settled: an order is still pending',
    ],
    [
      'is confirmed and not paid',
      withFirst(state, { charge: { state: 'voided' } }),
      'every order settled: an order is confirmed and not paid',
    ],
    [
      'is cancelled and paid',
      withFirst(state, { order: { status: 'cancelled' } }),
      'every order settled: an order is cancelled and paid',
    ],
  ])('%s is told of', (_case, found, violation) => {
    expect(all(found)).toContain(violation);
  });

  it('was cancelled by its owner, and is not, is told of', () => {
    const seen = soundRun().history;
    seen.cancellations.push({ at: 400, orderId: 'order-1', acknowledged: true });
    expect(all(state, seen)).toEqual([
      'no order lost: the cancellation of an order was acknowledged, it is confirmed',
    ]);
  });

  it('was answered as another one to the same key is told of', () => {
    const seen = soundRun().history;
    seen.orders.push({ ...(seen.orders[1] as (typeof seen.orders)[number]), key: 'key-1' });
    expect(all(state, seen)).toContain(
      'none charged twice: an order was answered to a key that had another order',
    );
  });
});

describe('a sound run', () => {
  it('violates nothing', () => {
    expect(all(state)).toEqual([]);
  });

  it('may have answered one key with its order again and again', () => {
    const seen = soundRun().history;
    seen.orders.push({ ...(seen.orders[0] as (typeof seen.orders)[number]), at: 900 });
    expect(all(state, seen)).toEqual([]);
  });
});
