import fc from 'fast-check';
import { presentedUserAgent } from './user-agent';

it.each([
  [undefined, ''],
  ['', ''],
  [' curl/8.5.0 ', 'curl/8.5.0'],
  ['Mozilla/5.0 (X11; Linux x86_64)', 'Mozilla/5.0 (X11; Linux x86_64)'],
  ['a\u0000\t\u001b[31m\u007f\u00e9\u202eb', 'a[31mb'],
  ['x'.repeat(1000), 'x'.repeat(256)],
])('%j is told as %j', (header, expected) => {
  expect(presentedUserAgent(header)).toBe(expected);
});

it('tells at most 256 printable ASCII characters, in the order they came in', () => {
  const header = fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), fc.string());
  fc.assert(
    fc.property(header, (text) => {
      const told = presentedUserAgent(text);
      expect(told).toMatch(/^[ -~]{0,256}$/);
      expect(presentedUserAgent(told)).toBe(told);
      expect(text.replace(/[^ -~]/g, '')).toContain(told);
    }),
  );
});
