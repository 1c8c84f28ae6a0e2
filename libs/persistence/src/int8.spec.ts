import fc from 'fast-check';
import { parseInt8 } from './int8';

describe('parseInt8', () => {
  it.each(['9007199254740992', '-9007199254740992', '9223372036854775807', 'NaN', 'x'])(
    'refuses %s rather than to round it',
    (text) => {
      expect(() => parseInt8(text)).toThrow(RangeError);
    },
  );

  it('reads every number that is exact', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(parseInt8(String(value))).toBe(value);
      }),
    );
  });
});
