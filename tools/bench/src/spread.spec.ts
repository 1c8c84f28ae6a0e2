import { median, percentile, spreadOf } from './spread';

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => last - index);

describe('percentile', () => {
  it.each([
    ['the least of all', upTo(200), 0, 1],
    ['half of an even number', upTo(200), 0.5, 100],
    ['half of an odd number', upTo(5), 0.5, 3],
    ['all but two in two hundred', upTo(200), 0.99, 198],
    ['the most of a few', [7, 3], 0.99, 7],
    ['the greatest', upTo(200), 1, 200],
    ['nothing', [], 0.5, Number.NaN],
  ])('takes %s', (_, values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });

  it('leaves the order of its values alone', () => {
    const values = [3, 1, 2];
    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
  });
});

it('tells how values lie', () => {
  expect(spreadOf(upTo(1000))).toEqual({ p50: 500, p99: 990, max: 1000 });
});
