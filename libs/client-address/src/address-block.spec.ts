import { addressBlock } from './address-block';

describe('addressBlock', () => {
  it.each(['', 'localhost', '1.2.3', '1.2.3.4.5', '1.2.3.4:80', '[::1]', '::1/64', 'g::1'])(
    'takes %j for no address',
    (clientAddress) => {
      expect(addressBlock(clientAddress)).toBeUndefined();
    },
  );

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:FFFF:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
  ])('puts %s into %s', (clientAddress, block) => {
    expect(addressBlock(clientAddress)).toBe(block);
  });
});
