import fc from 'fast-check';
import { formatScope, parseScope } from './scope';

describe('parseScope', () => {
  it.each<[string, string]>([
    ['empty text', ''],
    ['a space before', ' a'],
    ['a space after', 'a '],
    ['two spaces', 'a  b'],
    ['a tab', 'a\tb'],
    ['a line end', 'a\n'],
    ['a quote', 'a"b'],
    ['a backslash', 'a\\b'],
    ['a comma', 'a,b'],
    ['a letter beyond ASCII', 'é'],
    ['more than 2048 characters', 'a '.repeat(1024) + 'a'],
  ])('refuses %s', (_name, presented) => {
    expect(parseScope(presented)).toBeUndefined();
  });

  it('reads what formatScope writes', () => {
    const scope = fc.stringMatching(/^[a-z:.!#-]{1,12}$/);
    fc.assert(
      fc.property(fc.uniqueArray(scope, { minLength: 1, maxLength: 20 }), (scopes) => {
        expect(parseScope(formatScope(scopes))).toEqual(new Set(scopes));
      }),
    );
  });
});
