import { isIP } from 'node:net';
import fc from 'fast-check';
import { TrustedHops, type ForwardingHeader } from './trusted-hops';

function hops(header: ForwardingHeader = 'x-forwarded-for'): TrustedHops {
  return TrustedHops.of(['10.0.0.0/8', '2001:db8:1::/48', '192.0.2.7'], header);
}

const PROXY = '10.0.0.1';

describe('X-Forwarded-For behind trusted proxies', () => {
  it.each<[string, string, string | undefined, string]>([
    ['no header', PROXY, undefined, PROXY],
    ['one proxy', PROXY, '203.0.113.9', '203.0.113.9'],
    ['two proxies', PROXY, '203.0.113.9, 10.2.3.4', '203.0.113.9'],
    ['a proxy named alone', '192.0.2.7', '203.0.113.9', '203.0.113.9'],
    ['a proxy in IPv6', '2001:db8:1::5', '2001:db8:ffff::9', '2001:db8:ffff::9'],
    ['a proxy, IPv4-mapped', '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['a client, IPv4-mapped', PROXY, '::ffff:203.0.113.9', '203.0.113.9'],
    ['a client with a port', PROXY, '203.0.113.9:4711', '203.0.113.9'],
    ['a client in brackets', PROXY, '[2001:db8:ffff::9]', '2001:db8:ffff::9'],
    ['a client in brackets with a port', PROXY, '[2001:db8:ffff::9]:80', '2001:db8:ffff::9'],
    ['what the client says of itself', PROXY, '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['a client that plays a proxy', PROXY, '1.1.1.1, 10.0.0.9, 203.0.113.9', '203.0.113.9'],
    ['proxies only', PROXY, '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['no address from the proxy', PROXY, '203.0.113.9, unknown', PROXY],
    ['no address from the second proxy', PROXY, '203.0.113.9, x, 10.0.0.2', '10.0.0.2'],
    ['an empty entry', PROXY, '203.0.113.9,', PROXY],
    ['an empty header', PROXY, '', PROXY],
    ['a client in another spelling', PROXY, '2001:0DB8:ffff:0::9', '2001:db8:ffff::9'],
    ['a client, IPv4-mapped in groups', PROXY, '::ffff:cb00:7109', '203.0.113.9'],
    ['an address with a zone', PROXY, 'fe80::1%eth0,', PROXY],
    ['an octet too large', PROXY, '203.0.113.256', PROXY],
    ['an untrusted peer', '203.0.113.50', '198.51.100.1', '203.0.113.50'],
    ['an untrusted peer, IPv4-mapped', '::ffff:203.0.113.50', '1.1.1.1', '203.0.113.50'],
    ['a peer beside the block', '11.0.0.1', '1.1.1.1', '11.0.0.1'],
  ])('%s', (_name, peer, header, expected) => {
    const headers = header === undefined ? {} : { 'x-forwarded-for': header };
    expect(hops().clientAddressOf(peer, headers)).toBe(expected);
  });

  it('does not read Forwarded, which such proxies pass on as it came', () => {
    const headers = { forwarded: 'for=198.51.100.1' };
    expect(hops().clientAddressOf(PROXY, headers)).toBe(PROXY);
    expect(hops('forwarded').clientAddressOf(PROXY, headers)).toBe('198.51.100.1');
  });
});

describe('Forwarded behind trusted proxies', () => {
  it.each<[string, string, string]>([
    ['one element', 'for=203.0.113.9', '203.0.113.9'],
    ['with other parameters', 'proto=https;For="203.0.113.9:80";by=10.0.0.1', '203.0.113.9'],
    ['IPv6', 'for="[2001:db8:ffff::9]:4711"', '2001:db8:ffff::9'],
    ['several elements', 'for=1.1.1.1, for=203.0.113.9;proto=http, for=10.0.0.2', '203.0.113.9'],
    ['an open quotation mark of the client', 'for="1.1.1.1, for=203.0.113.9', '203.0.113.9'],
    ['an obfuscated identifier', 'for=203.0.113.9, for=_hidden', PROXY],
    ['unknown', 'for=unknown', PROXY],
    ['two in one element', 'for=203.0.113.9;for=1.1.1.1', PROXY],
    ['none', 'proto=https', PROXY],
    ['no element', '203.0.113.9', PROXY],
  ])('%s', (_name, forwarded, expected) => {
    expect(hops('forwarded').clientAddressOf(PROXY, { forwarded })).toBe(expected);
  });
});

describe('for any headers', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  const entry = fc.oneof(
    address,
    fc.constantFrom('10.0.0.2', 'unknown', '', '"', '_x'),
    fc.string(),
  );
  const value = fc.array(entry, { maxLength: 8 }).map((entries) => entries.join(','));

  it('a peer that is not trusted is itself, and nothing without proxies is anything else', () => {
    fc.assert(
      fc.property(address, value, value, (peer, xForwardedFor, forwarded) => {
        const headers = { 'x-forwarded-for': xForwardedFor, forwarded };
        const own = TrustedHops.NONE.clientAddressOf(peer, {});
        expect(TrustedHops.NONE.clientAddressOf(peer, headers)).toBe(own);
        if (own.startsWith('10.') || own === '192.0.2.7' || own.startsWith('2001:')) return;
        expect(hops().clientAddressOf(peer, headers)).toBe(own);
      }),
    );
  });

  it('what a client prepends does not change what the proxies appended', () => {
    fc.assert(
      fc.property(value, (prepended) => {
        const headers = { 'x-forwarded-for': `${prepended},203.0.113.9, 10.0.0.2` };
        expect(hops().clientAddressOf(PROXY, headers)).toBe('203.0.113.9');
      }),
    );
  });

  it('the answer is an address', () => {
    fc.assert(
      fc.property(value, (xForwardedFor) => {
        const headers = { 'x-forwarded-for': xForwardedFor };
        expect(isIP(hops().clientAddressOf(PROXY, headers))).not.toBe(0);
      }),
    );
  });
});

describe('ranges', () => {
  it.each([
    ['10.0.0.0/33'],
    ['10.0.0.0/0'],
    ['::/0'],
    ['0.0.0.0/1'],
    ['128.0.0.0/1'],
    ['10.0.0.0/7'],
    ['8000::/1'],
    ['::/7'],
    ['::/64'],
    ['::ffff:0:0/96'],
    ['::ffff:0:0/97'],
    ['::ffff:a00:0/103'],
    ['10.1.2.3/8'],
    ['2001:db8::1/64'],
    ['10.0.0'],
    ['10.0.0.0/'],
    ['10.0.0.0/-1'],
    ['fe80::/129'],
    ['proxy.internal'],
    [''],
    ['*'],
  ])('refuses %j', (range) => {
    expect(() => TrustedHops.of(['10.0.0.0/8', range], 'x-forwarded-for')).toThrow(TypeError);
  });

  it.each([
    ['10.0.0.0/8'],
    ['192.0.2.7'],
    ['192.0.2.7/32'],
    ['fd00::/8'],
    ['::1'],
    ['fc00::/7'],
    ['::ffff:a00:0/104'],
    ['::ffff:10.0.0.1'],
  ])('takes %j', (range) => {
    expect(TrustedHops.of([range], 'x-forwarded-for')).toBeInstanceOf(TrustedHops);
  });

  it('none at all are nobody', () => {
    expect(TrustedHops.of([], 'forwarded')).toBe(TrustedHops.NONE);
  });
});
