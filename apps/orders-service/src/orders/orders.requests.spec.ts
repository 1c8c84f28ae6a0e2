import fc from 'fast-check';
import { parseOrderId, parseOrderRequest } from './orders.requests';

const valid = {
  idempotencyKey: 'key-1',
  items: [
    { sku: 'gate-bar', quantity: 1 },
    { sku: 'watch-horn', quantity: 100 },
  ],
};
const item = (quantity: number) => [{ sku: 'gate-bar', quantity }];
const items = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ sku: `sku-${index}`, quantity: 1 }));

/** What was thrown. */
function refusalOf(action: () => unknown): unknown {
  try {
    return { accepted: action() };
  } catch (error) {
    return error;
  }
}

describe('parseOrderRequest', () => {
  test.each([
    ['an empty key', { idempotencyKey: '' }, 'idempotency_key_invalid'],
    ['a key of 129 characters', { idempotencyKey: 'k'.repeat(129) }, 'idempotency_key_invalid'],
    ['a key with a space', { idempotencyKey: 'a b' }, 'idempotency_key_invalid'],
    ['a key with a line break at its end', { idempotencyKey: 'a\n' }, 'idempotency_key_invalid'],
    ['a key beyond ASCII', { idempotencyKey: 'ключ' }, 'idempotency_key_invalid'],
    ['no item', { items: [] }, 'items_out_of_range'],
    ['51 items', { items: items(51) }, 'items_out_of_range'],
    ['a quantity of 0', { items: item(0) }, 'quantity_out_of_range'],
    ['a negative quantity', { items: item(-1) }, 'quantity_out_of_range'],
    ['a quantity of 101', { items: item(101) }, 'quantity_out_of_range'],
    ['one product twice', { items: [...item(1), ...item(2)] }, 'duplicate_product'],
    ['a SKU with a NUL', { items: [{ sku: 'gate\0bar', quantity: 1 }] }, 'unknown_product'],
  ])('refuses %s', (_name, broken, reason) => {
    expect(refusalOf(() => parseOrderRequest({ ...valid, ...broken }))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason,
    });
  });

  test('accepts whatever is within the bounds, unchanged', () => {
    const request = fc.record({
      idempotencyKey: fc.string({
        minLength: 1,
        maxLength: 128,
        unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      }),
      items: fc.uniqueArray(
        fc.record({
          sku: fc.stringMatching(/^[a-z0-9-]{1,64}$/),
          quantity: fc.integer({ min: 1, max: 100 }),
        }),
        { minLength: 1, maxLength: 50, selector: ({ sku }) => sku },
      ),
    });
    fc.assert(
      fc.property(request, (wire) => {
        expect(parseOrderRequest(wire)).toEqual(wire);
      }),
    );
  });
});

describe('parseOrderId', () => {
  test.each(['', 'x', '7d2f1f436a574d0c9f3c0f0a3f0f6a11', "7d2f1f43-6a57-4d0c-9f3c-0f0a3f0f6a1'"])(
    'answers %p like an order that does not exist',
    (text) => {
      expect(refusalOf(() => parseOrderId(text))).toMatchObject({
        status: 'NOT_FOUND',
        reason: 'order_not_found',
      });
    },
  );

  test('accepts an id', () => {
    const id = '7d2f1f43-6a57-4d0c-9f3c-0f0a3f0f6a11';
    expect(parseOrderId(id)).toBe(id);
  });
});
