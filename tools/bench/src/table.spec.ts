import { table } from './table';

it('makes each column as wide as its widest cell', () => {
  expect(
    table([
      ['', 'p50 ms'],
      ['gateway', '4'],
    ]),
  ).toBe(['|         | p50 ms |', '| ------- | ------ |', '| gateway | 4      |'].join('\n'));
});
