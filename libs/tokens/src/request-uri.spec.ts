import fc from 'fast-check';
import { normalisedRequestUri } from './request-uri';

describe('the URI of a request', () => {
  it.each([
    ...['', '/orders', 'orders', '//host/orders', 'https:', 'https://', 'https:host/orders'],
    ...['ftp://host/orders', 'https://user@host/orders', 'https://user:word@host/orders'],
    ...[' https://host/orders', 'https://host/orders ', 'https://host/or ders', 'https://host\\a'],
    ...[
      'https://host/a\tb',
      'https://host/a\n',
      'https://host/%',
      'https://host/%2',
      'https://höst/',
    ],
    ...['https://host:99999/', 'https://[::1/', 'https:///orders', 'https://ho%00st/'],
  ])('is not %j', (uri) => {
    expect(normalisedRequestUri(uri)).toBeUndefined();
  });

  it.each([
    ['https://host/orders', 'https://host/orders'],
    ['HTTPS://HOST:443/orders', 'https://host/orders'],
    ['https://host:8443/orders?a=/b#c', 'https://host:8443/orders'],
    ['https://host', 'https://host/'],
    ['https://host?a', 'https://host/'],
    ['https://host/a/./b/../c', 'https://host/a/c'],
    ['https://host/a/%2e%2E/c', 'https://host/c'],
    ['https://host/%7euser/%c3%a9', 'https://host/~user/%C3%A9'],
    ['https://host/a%2fb', 'https://host/a%2Fb'],
    ['https://host/orders/', 'https://host/orders/'],
    ['http://host:80/Orders', 'http://host/Orders'],
    ['https://[::1]:8443/a', 'https://[::1]:8443/a'],
  ])('%s is %s', (uri, normalised) => {
    expect(normalisedRequestUri(uri)).toBe(normalised);
  });

  it('is the same when it is normalised again', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), (uri) => {
        const once = normalisedRequestUri(uri);
        expect(once === undefined ? once : normalisedRequestUri(once)).toBe(once);
      }),
    );
  });
});
