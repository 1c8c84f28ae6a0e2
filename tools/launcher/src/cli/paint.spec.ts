import { paintFor } from './paint';

describe('paintFor', () => {
  it.each([
    ['a pipe', {}, undefined],
    ['a file', { isTTY: false }, undefined],
    ['a terminal whose owner wants none', { isTTY: true }, '1'],
  ])('does not colour for %s', (_, stream, noColour) => {
    expect(paintFor(stream, noColour).good('fine')).toBe('fine');
  });

  it('colours for a terminal', () => {
    expect(paintFor({ isTTY: true }, undefined).bad('no')).toBe('\u001B[31mno\u001B[39m');
  });
});
