import { addressBlock, TrustedHops } from './index';

it('does what the README says', () => {
  const hops = TrustedHops.of(['10.0.0.0/8'], 'x-forwarded-for');
  expect([
    hops.clientAddressOf('10.0.0.1', { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' }),
    hops.clientAddressOf('203.0.113.9', { 'x-forwarded-for': '198.51.100.1' }),
    addressBlock('2001:db8:1:2:3::4'),
  ]).toEqual(['203.0.113.9', '203.0.113.9', '2001:db8:1:2::/64']);
});
