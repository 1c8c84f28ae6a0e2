import type { HygieneRefusal } from './hygiene-check';
import { inspectRequest } from './inspect-request';
import { requestHead, type SentHeaders } from './request-head.fixture';

const JWS = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln';
const API_KEY = 'sp_live_0123456789abcdefABCDEF';

const inspect = (headers: SentHeaders, method = 'POST') =>
  inspectRequest(requestHead('/orders', headers, { method }));

describe('refuses', () => {
  it.each<[string, HygieneRefusal]>([
    ['Authorization_', 'header_alias'],
    ['Authorization.', 'header_alias'],
    ['_Authorization', 'header_alias'],
    ['Authorization-bin', 'header_alias'],
    ['X_API_Key', 'header_alias'],
    ['X.API.Key', 'header_alias'],
    ['X-API_Key', 'header_alias'],
    ['x-api-key-bin', 'header_alias'],
    ['Content_Length', 'header_alias'],
    ['Content.Type', 'header_alias'],
    ['Transfer_Encoding', 'header_alias'],
    ['Idempotency_Key', 'header_alias'],
    ['Sec_Fetch_Site', 'header_alias'],
    ['Client_Cert', 'identity_header_spoofed'],
    ['Host_', 'header_alias'],
    ['Cookie.', 'header_alias'],
    ['X-User-Id.', 'identity_header_spoofed'],
    ['X-User-Id-Bin_', 'identity_header_spoofed'],
    ['Txn_Token', 'identity_header_spoofed'],
    ['X-Access-Token', 'credential_misplaced'],
    ['X-Auth-Token', 'credential_misplaced'],
    ['Api-Key', 'credential_misplaced'],
    ['api_key', 'credential_misplaced'],
    ['Proxy-Authorization', 'credential_misplaced'],
    ['X-Authorization', 'credential_misplaced'],
    ['apikey', 'credential_misplaced'],
    ['API--Key', 'credential_misplaced'],
    ['X--Api-Key', 'header_alias'],
    ['_X-User-Id', 'identity_header_spoofed'],
    ['X--User-Id', 'identity_header_spoofed'],
    ['Proxy-Connection', 'hop_by_hop_refused'],
    ['Upgrade', 'upgrade_refused'],
    ['HTTP2-Settings', 'upgrade_refused'],
  ])('the header %s', (name, refusal) => {
    expect(inspect([[name, '1']])).toBe(refusal);
  });

  it.each<[string, string]>([
    ['by its name', 'access_token=x'],
    ['by its name in another spelling', 'Access-Token=x'],
    ['beside others', 'theme=dark; id_token=x'],
    ['as an API key by name', 'x-api-key=x'],
    ['by its name behind a prefix of browsers', '__Host-access_token=x'],
    ['by its name behind the other prefix', '__Secure-access_token=x'],
    ['as a JWS', `session=${JWS}`],
    ['as an encoded JWS', `session=${JWS.replaceAll('.', '%2E')}`],
    ['as a bearer token', `a="Bearer ${JWS}"`],
    ['as an API key', `a=${API_KEY}`],
  ])('a credential in a cookie, %s', (_name, cookie) => {
    expect(inspect([['Cookie', cookie]])).toBe('credential_misplaced');
  });

  it.each(['X-Request-Id', 'User-Agent', 'Idempotency-Key', 'Forwarded', 'Accept', 'Origin'])(
    'a credential in %s',
    (name) => {
      for (const value of [JWS, `a ${JWS}`, JWS.replaceAll('.', '%2e'), API_KEY, `a=${API_KEY}`]) {
        expect(inspect([[name, value]])).toBe('credential_misplaced');
      }
    },
  );

  it.each<[string, SentHeaders]>([
    [
      'beside a token, under a name of others',
      [
        ['Authorization', `Bearer ${JWS}`],
        ['X-Authorization', 'a'],
      ],
    ],
    [
      'twice',
      [
        ['X-API-Key', API_KEY],
        ['x-api-key', API_KEY],
      ],
    ],
    [
      'beside another header for keys',
      [
        ['X-API-Key', API_KEY],
        ['Api-Key', API_KEY],
      ],
    ],
    [
      'beside a token',
      [
        ['Authorization', `Bearer ${JWS}`],
        ['X-API-Key', API_KEY],
      ],
    ],
    [
      'beside a token, in another spelling',
      [
        ['Authorization', `Bearer ${JWS}`],
        ['x.api.key', 'a'],
      ],
    ],
    [
      'beside Basic',
      [
        ['Authorization', 'Basic YTpi'],
        ['X-API-Key', API_KEY],
      ],
    ],
  ])('an API key %s', (_name, headers) => {
    expect(inspect(headers)).toBe('multiple_credentials');
  });

  it.each(['/orders', '/nowhere', '/auth/login'])('an API key in the URL of %s', (path) => {
    expect(inspectRequest(requestHead(`${path}?a=${API_KEY}`))).toBe('credential_in_url');
    expect(inspectRequest(requestHead(`${path}/${API_KEY}`))).toBe('credential_in_url');
  });

  it.each([
    'authorization',
    'x-api-key',
    'content-length',
    'transfer-encoding',
    'host',
    'cookie',
    'close, x-request-id',
    'keep-alive, Authorization',
    'upgrade',
    'close;x',
  ])('Connection: %s', (value) => {
    expect(inspect([['Connection', value]])).toBe('hop_by_hop_refused');
  });

  it.each(['gzip', 'trailers, deflate;q=0.5', 'chunked'])('TE: %s', (value) => {
    expect(inspect([['TE', value]])).toBe('hop_by_hop_refused');
  });

  it.each([
    'Content-Type',
    'Content-Encoding',
    'Cookie',
    'Idempotency-Key',
    'Origin',
    'Referer',
    'Sec-Fetch-Site',
    'User-Agent',
    'DPoP',
  ])('%s twice', (name) => {
    expect(
      inspect([
        [name, 'a'],
        [name.toLowerCase(), 'a'],
      ]),
    ).toBe('header_repeated');
  });

  it.each(['identity', 'gzip, chunked', 'identity, chunked', ',chunked', ''])(
    'Transfer-Encoding: %j',
    (value) => {
      expect(inspect([['Transfer-Encoding', value]])).toBe('framing_ambiguous');
    },
  );

  it.each<[string, SentHeaders]>([
    [
      'beside a length',
      [
        ['Transfer-Encoding', 'chunked'],
        ['Content-Length', '1'],
      ],
    ],
    ['with a leading zero', [['Content-Length', '01']]],
    ['with a sign', [['Content-Length', '+1']]],
  ])('a length %s', (_name, headers) => {
    expect(inspect(headers)).toBe('framing_ambiguous');
  });

  it.each([
    '',
    'a b',
    'a,b',
    'a/b',
    'user@a',
    'a:b',
    'a:123456',
    'a\u00e9',
    '-a',
    '[::1',
    'a?b',
    '.',
  ])('Host: %j', (host) => {
    expect(inspect([['Host', host]], 'GET')).toBe('host_malformed');
  });

  it.each(['0.9', '1.0', '2.0'])('HTTP/%s', (httpVersion) => {
    const head = requestHead('/orders', [], { httpVersion });
    expect(inspectRequest(head)).toBe('http_version_unsupported');
  });
});

describe('lets pass', () => {
  it.each<[string, SentHeaders]>([
    ['a token', [['Authorization', `Bearer ${JWS}`]]],
    ['an API key', [['X-API-Key', API_KEY]]],
    ['a proof', [['DPoP', JWS]]],
    ['an origin that begins like a JWS', [['Origin', 'https://example.co.uk.example']]],
    ['a proxy of such a name', [['Via', '1.1 example.extra.example.com, 1.1 ey.eyJ.e30.x']]],
    ['names and versions', [['User-Agent', 'Mozilla/5.0 (X11) Chrome/120.0.0.0 100%']]],
    ['cookies of other applications', [['Cookie', 'token=abc; session=x.y.z; _ga=GA1.1.1.1']]],
    [
      'a token in the address of the page it comes from',
      [['Referer', `https://a.example/?t=${JWS}`]],
    ],
    ['other headers with underscores', [['x_request_source', 'a']]],
    [
      'trailers',
      [
        ['TE', 'trailers'],
        ['Connection', 'TE'],
      ],
    ],
    [
      'a kept connection',
      [
        ['Connection', 'Keep-Alive'],
        ['Keep-Alive', 'timeout=5'],
      ],
    ],
    ['chunks', [['Transfer-Encoding', 'Chunked']]],
    ['a length', [['Content-Length', '10']]],
    [
      'two Accept',
      [
        ['Accept', 'a/b'],
        ['Accept', 'c/d'],
      ],
    ],
  ])('%s', (_name, headers) => {
    expect(inspect(headers)).toBeUndefined();
  });

  it.each([
    'localhost',
    'localhost:8443',
    '127.0.0.1:1',
    '[::1]:8443',
    'a_b.example',
    'example.co.uk',
    'extra.ey.eyj.example.com:443',
    'a.example.',
  ])('Host: %s', (host) => {
    expect(inspect([['Host', host]])).toBeUndefined();
  });
});
