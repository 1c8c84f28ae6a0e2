import { BoundedLabel, OTHER } from './bounded-label';

it('keeps the first values and calls the rest other', () => {
  const label = new BoundedLabel(2);
  expect(['a', 'b', 'c', 'a', 'b'].map((value) => label.of(value))).toEqual([
    'a',
    'b',
    OTHER,
    'a',
    'b',
  ]);
});

it.each([
  ['a line break', 'a\nb'],
  ['a quotation mark', 'a"b'],
  ['nothing', ''],
  ['an address', 'mallory@example.org'],
  ['more than 128 characters', 'a'.repeat(129)],
])('takes no value with %s', (_, value) => {
  const label = new BoundedLabel(10);
  expect(label.of(value)).toBe(OTHER);
});

it.each([
  'GET /orders/:id',
  'sallyport.orders.v1.OrdersService/CreateOrder',
  'PERMISSION_DENIED',
  '200',
])('takes %s as it is', (value) => {
  expect(new BoundedLabel(1).of(value)).toBe(value);
});
