import { maskedAddress } from './masked-address';

describe('maskedAddress', () => {
  it.each([
    [undefined, 'an unknown address'],
    ['localhost', 'an unknown address'],
    ['192.0.2.7', '192.0.2.x'],
    ['::ffff:192.0.2.7', '192.0.2.x'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8:0::/48'],
  ])('shows of %j no more than %j', (clientAddress, shown) => {
    expect(maskedAddress(clientAddress)).toBe(shown);
  });
});
