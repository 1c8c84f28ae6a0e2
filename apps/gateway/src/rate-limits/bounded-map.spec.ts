import { BoundedMap } from './bounded-map';

it.each([0, -1, 1.5, Number.NaN])('refuses %d entries', (maxEntries) => {
  expect(() => new BoundedMap(maxEntries)).toThrow(TypeError);
});

it('drops what was used least recently', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.get('a');
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([1, undefined, 3, 2]);
  map.set('c', 4);
  expect([map.get('a'), map.get('c'), map.size]).toEqual([1, 4, 2]);
  map.delete('c');
  expect([map.get('c'), map.size]).toEqual([undefined, 1]);
});
