import { IDENTITY_HEADERS, TRANSACTION_TOKEN_HEADER } from '@sallyport/principal';
import fc from 'fast-check';
import type { HygieneRefusal, RequestHead } from './hygiene-check';
import { inspectRequest } from './inspect-request';

const RESERVED = [...Object.values(IDENTITY_HEADERS), TRANSACTION_TOKEN_HEADER];

type HeaderCase = [string, readonly (readonly [string, string])[], HygieneRefusal];

const JWS = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln';

function head(
  url: string,
  headers: readonly (readonly [string, string])[] = [],
  method = 'GET',
): RequestHead {
  const withHost = [['Host', 'localhost'] as const, ...headers];
  return {
    method,
    url,
    httpVersion: '1.1',
    rawHeaders: withHost.flat(),
    headers: Object.fromEntries(withHost.map(([name, value]) => [name.toLowerCase(), value])),
  };
}

describe('a request is refused', () => {
  it.each<[string, string, HygieneRefusal]>([
    ['with access_token in the query', '/orders?access_token=x', 'credential_in_url'],
    ['with token', '/orders?a=1&token=x', 'credential_in_url'],
    ['with id_token', '/orders?id_token=', 'credential_in_url'],
    ['with refresh_token', '/orders?refresh_token=x', 'credential_in_url'],
    ['with api_key', '/orders?api_key=x', 'credential_in_url'],
    ['with apikey in another case', '/orders?ApiKey=x', 'credential_in_url'],
    ['with x-api-key', '/orders?x-api-key=x', 'credential_in_url'],
    ['with authorization', '/orders?Authorization=Bearer+x', 'credential_in_url'],
    ['with jwt', '/orders?jwt=x', 'credential_in_url'],
    ['with key', '/orders?key=x', 'credential_in_url'],
    ['with password', '/orders?password=x', 'credential_in_url'],
    ['with client_secret', '/orders?client_secret=x', 'credential_in_url'],
    ['with the refresh cookie', '/orders?__Secure-sallyport-refresh=x', 'credential_in_url'],
    ['with it by a shorter name', '/orders?sallyport_refresh=x', 'credential_in_url'],
    ['with refresh', '/orders?refresh=x', 'credential_in_url'],
    ['with mfaToken', '/orders?mfaToken=x', 'credential_in_url'],
    ['with newPassword', '/orders?newPassword=x', 'credential_in_url'],
    ['with an encoded name', '/orders?%61ccess%5Ftoken=x', 'credential_in_url'],
    ['with a doubly encoded name', '/orders?%2561ccess_token=x', 'credential_in_url'],
    ['with an encoded separator', '/orders?a=1%26access_token=x', 'credential_in_url'],
    ['with a semicolon as separator', '/orders?a=1;access_token=x', 'credential_in_url'],
    ['with full-width letters', '/orders?%EF%BD%94%EF%BD%8F%EF%BD%8Ben=x', 'credential_in_url'],
    ['with a nested name', '/orders?user[api_key]=x', 'credential_in_url'],
    ['with a name in a value', '/orders?next=/a?token=x', 'credential_in_url'],
    ['with a JWS under any name', `/orders?cursor=${JWS}`, 'credential_in_url'],
    ['with a JWS in a longer value', `/orders?x=Bearer+${JWS}`, 'credential_in_url'],
    ['with a JWS in the path', `/orders/${JWS}`, 'credential_in_url'],
    ['with an encoded JWS', `/orders?x=${JWS.replaceAll('.', '%2E')}`, 'credential_in_url'],
    ['with a token in the fragment', '/orders#access_token=x', 'credential_in_url'],
    ['with a fragment', '/orders#top', 'path_not_normalised'],
    ['with a double slash', '//orders', 'path_not_normalised'],
    ['with an inner double slash', '/orders//1', 'path_not_normalised'],
    ['with a slash at the end', '/orders/', 'path_not_normalised'],
    ['with a dot segment', '/./orders', 'path_not_normalised'],
    ['with a parent segment', '/products/../orders', 'path_not_normalised'],
    ['with a trailing parent segment', '/orders/..', 'path_not_normalised'],
    ['with an encoded dot', '/%2e%2e/orders', 'path_not_normalised'],
    ['with an encoded slash', '/orders%2F1', 'path_not_normalised'],
    ['with an encoded letter', '/%6frders', 'path_not_normalised'],
    ['with a broken escape', '/orders/%zz', 'path_not_normalised'],
    ['with a path parameter', '/orders;a=b', 'path_not_normalised'],
    ['with a backslash', '/orders\\1', 'path_not_normalised'],
    ['with non-ASCII bytes', '/orders/\u00e9', 'path_not_normalised'],
    ['with a control character', '/orders?a=\u0001', 'path_not_normalised'],
    ['in absolute form', 'https://localhost/orders', 'path_not_normalised'],
    ['in asterisk form', '*', 'path_not_normalised'],
    ['with an empty target', '', 'path_not_normalised'],
    ['with an overlong target', `/orders?a=${'a'.repeat(2048)}`, 'uri_too_long'],
  ])('%s', (_name, url, refusal) => {
    expect(inspectRequest(head(url))).toBe(refusal);
  });

  it.each<HeaderCase>([
    ...RESERVED.map((name): HeaderCase => [
      `with ${name}`,
      [[name, 'x']],
      'identity_header_spoofed',
    ]),
    ['with underscores', [['x_user_id', 'x']], 'identity_header_spoofed'],
    ['with dots', [['X.User.Id', 'x']], 'identity_header_spoofed'],
    ['with the binary suffix', [['x-user-id-bin', 'eA']], 'identity_header_spoofed'],
    ['with an empty value', [['X-User-Id', '']], 'identity_header_spoofed'],
    ['listed in Connection', [['Connection', 'close, X-User-Id']], 'identity_header_spoofed'],
    [
      'listed in a second Connection',
      [
        ['Connection', 'close'],
        ['connection', 'x_user_scopes'],
      ],
      'identity_header_spoofed',
    ],
    ['announced as trailer', [['Trailer', 'Txn-Token']], 'identity_header_spoofed'],
    [
      'with Authorization twice',
      [
        ['Authorization', 'Bearer a'],
        ['authorization', 'Bearer a'],
      ],
      'multiple_credentials',
    ],
    [
      'with an API key beside a token',
      [
        ['Authorization', 'Bearer a'],
        ['X-API-Key', 'b'],
      ],
      'multiple_credentials',
    ],
    [
      'with an alias of the API key',
      [
        ['Authorization', 'Bearer a'],
        ['x_api_key', 'b'],
      ],
      'multiple_credentials',
    ],
    ['with two tokens, comma', [['Authorization', 'Bearer a, Bearer b']], 'multiple_credentials'],
    ['with two tokens, bare comma', [['Authorization', 'Bearer a,b']], 'multiple_credentials'],
    ['with two tokens, space', [['Authorization', 'Bearer a b']], 'multiple_credentials'],
    ['with two schemes', [['Authorization', 'Basic YTpi, Bearer a']], 'multiple_credentials'],
    ['with two hosts', [['host', 'other']], 'host_not_single'],
    ['with a body to GET', [['Content-Length', '1']], 'body_not_expected'],
    ['with a chunked body to GET', [['Transfer-Encoding', 'chunked']], 'body_not_expected'],
    [
      'with too many headers',
      Array.from({ length: 101 }, () => ['a', 'b'] as const),
      'too_many_headers',
    ],
  ])('%s', (_name, headers, refusal) => {
    expect(inspectRequest(head('/orders', headers))).toBe(refusal);
  });

  it.each(['/auth/refresh', '/auth/logout'])('with two refresh cookies at %s alone', (path) => {
    const two = '__Secure-sallyport-refresh=a; x=y; __Secure-sallyport-refresh=';
    const inspect = (target: string) => inspectRequest(head(target, [['Cookie', two]], 'POST'));
    expect(inspect(path)).toBe('multiple_credentials');
    for (const other of ['/auth/login', '/auth/sessions', '/orders']) {
      expect(inspect(other)).toBeUndefined();
    }
  });

  it.each([['Authorization'], ['X-API-Key'], ['x_api_key']])(
    'with %s beside the token in the body',
    (name) => {
      const refusal = 'multiple_credentials';
      expect(inspectRequest(head('/oauth2/revoke', [[name, 'a']], 'POST'))).toBe(refusal);
      expect(inspectRequest(head('/oauth2/revoke?a=b', [[name, 'a']], 'POST'))).toBe(refusal);
      const alone = name === 'x_api_key' ? 'header_alias' : undefined;
      expect(inspectRequest(head('/orders', [[name, 'a']], 'POST'))).toBe(alone);
    },
  );

  it('without Host', () => {
    expect(inspectRequest({ ...head('/'), rawHeaders: [] })).toBe('host_not_single');
  });

  it('with a reserved name in any mix of case, _ and .', () => {
    const spelling = fc
      .constantFrom(...RESERVED)
      .chain((name) => fc.tuple(...name.split('-').map((word) => fc.mixedCase(fc.constant(word)))))
      .chain((words) => fc.constantFrom('-', '_', '.').map((separator) => words.join(separator)));
    fc.assert(
      fc.property(spelling, (name) => {
        const refusal = 'identity_header_spoofed';
        expect(inspectRequest(head('/', [[name, 'x']]))).toBe(refusal);
        expect(inspectRequest(head('/', [['Connection', name]]))).toBe(refusal);
      }),
    );
  });

  it('whenever the target is not what a URL parser makes of it', () => {
    const piece = fc.constantFrom('/', '.', '..', '%2e', '%2F', ';', '\\', 'orders', '1', '?', '&');
    const path = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`);
    fc.assert(
      fc.property(path, (target) => {
        fc.pre(inspectRequest(head(target)) === undefined);
        expect(new URL(target, 'https://localhost').pathname).toBe(target.split('?', 1)[0]);
      }),
    );
  });
});

describe('a request passes', () => {
  it.each<[string, RequestHead]>([
    ['at the root', head('/')],
    ['with a page cursor', head('/orders?limit=20&cursor=MjAyNi0xMS0yNA')],
    ['with an id', head('/orders/0b0e8d0c-6a55-4c3f-8a4f-6a2f4a3f6c1d')],
    ['at a well-known path', head('/.well-known/jwks.json')],
    ['with a dotted value that is no JWS', head('/orders?cursor=archive.tar.gz')],
    ['with one token', head('/orders', [['Authorization', `Bearer ${JWS}`]])],
    [
      'with one refresh cookie',
      head('/auth/refresh', [['Cookie', 'a=b; __Secure-sallyport-refresh=c']], 'POST'),
    ],
    ['with the token to revoke in the body', head('/oauth2/revoke', [], 'POST')],
    ['with one API key', head('/orders', [['X-API-Key', 'sp_abc']])],
    [
      'with a parameter list',
      head('/orders', [['Authorization', 'Digest username="a", realm="b"']]),
    ],
    ['with an ordinary Connection', head('/orders', [['Connection', 'keep-alive, te']])],
    ['with an ordinary trailer', head('/orders', [['Trailer', 'Digest']], 'POST')],
    ['with a body to POST', head('/orders', [['Content-Length', '2']], 'POST')],
    ['with an empty body to GET', head('/orders', [['Content-Length', '0']])],
    ['with a correlation id, which is not believed', head('/', [['x-correlation-id', 'a']])],
  ])('%s', (_name, request) => {
    expect(inspectRequest(request)).toBeUndefined();
  });
});
