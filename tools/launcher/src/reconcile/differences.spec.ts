import { differenceOf, type ChargeRow, type OrderRow } from './differences';

const order = (status: OrderRow['status'], invoice: string | null): OrderRow => ({
  ...{ id: 'o', status, invoice_id: invoice },
});
const charge = (state: ChargeRow['state'], invoice: string | null = 'i'): ChargeRow => ({
  ...{ order_id: 'o', state, invoice_id: invoice },
});

it.each<[string, OrderRow | undefined, ChargeRow | undefined, string | undefined]>([
  ['a charge without an order', undefined, charge('charged'), 'void_charge'],
  ['a voided charge without an order', undefined, charge('voided'), undefined],
  ['a bar without an order', undefined, charge('barred', null), undefined],
  ['an order that pends', order('pending', null), charge('charged'), undefined],
  ['an order that is being cancelled', order('cancelling', 'i'), undefined, undefined],
  ['a confirmed order without a charge', order('confirmed', 'i'), undefined, 'write_charge'],
  [
    'a confirmed order that was cancelled since',
    order('confirmed', 'i'),
    charge('voided'),
    'cancel_order',
  ],
  ['a confirmed order with another invoice', order('confirmed', 'j'), charge('charged'), 'none'],
  ['a confirmed order', order('confirmed', 'i'), charge('charged'), undefined],
  ['a confirmed order, refunded', order('confirmed', 'i'), charge('refunded'), undefined],
  ['a cancelled order without a charge', order('cancelled', 'i'), undefined, 'write_charge'],
  ['a cancelled order that is charged', order('cancelled', 'i'), charge('charged'), 'void_charge'],
  ['a cancelled order', order('cancelled', 'i'), charge('voided'), undefined],
  [
    'a cancelled order that was never charged',
    order('cancelled', null),
    charge('barred', null),
    undefined,
  ],
])('%s', (_name, theOrder, theCharge, repair) => {
  expect(differenceOf('o', theOrder, theCharge)?.repair).toBe(repair);
});
