import { columns } from './columns';

describe('columns', () => {
  it('aligns cells and leaves no trailing space', () => {
    expect(
      columns([
        ['a', 'bb', ''],
        ['aaa', 'b', 'c'],
      ]),
    ).toEqual(['  a    bb', '  aaa  b   c']);
  });
});
