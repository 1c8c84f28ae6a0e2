import { expectRefusal, startTestGateway, wireOrder, type TestGateway } from '../gateway.fixture';

const SECRET = 'tell-nobody-4f1c';

let gateway: TestGateway;
let authorization: string;
beforeAll(async () => {
  gateway = await startTestGateway();
  authorization = `Bearer ${gateway.mint.accessToken()}`;
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  gateway.transports.orders.answer('getOrder', { order: wireOrder() });
});

type Headers = readonly (readonly [string, string])[];
const path = '/orders/0b0e8d0c-6a55-4c3f-8a4f-6a2f4a3f6c1d';

describe('an authenticated request is refused before routing', () => {
  it.each<[string, string, Headers, string]>([
    ['an access token in the query', `${path}?access_token=${SECRET}`, [], 'credential_in_url'],
    ['an API key in the query', `${path}?Api-Key=${SECRET}`, [], 'credential_in_url'],
    ['a token at an unknown path', `/nowhere?token=${SECRET}`, [], 'credential_in_url'],
    ['an API key beside the token', path, [['x-api-key', SECRET]], 'multiple_credentials'],
    ['a second token', path, [['Authorization', `Bearer ${SECRET}`]], 'multiple_credentials'],
    ['an identity header', path, [['X-User-Id', SECRET]], 'identity_header_spoofed'],
    ['an identity header, underscores', path, [['x_user_id', SECRET]], 'identity_header_spoofed'],
    ['an identity header, dots', path, [['X.User.Scopes', SECRET]], 'identity_header_spoofed'],
    ['an identity header, binary', path, [['x-user-id-bin', SECRET]], 'identity_header_spoofed'],
    ['a transaction token', path, [['Txn-Token', SECRET]], 'identity_header_spoofed'],
    [
      'an identity header in Connection',
      path,
      [['Connection', 'close, x-user-id']],
      'identity_header_spoofed',
    ],
    [
      'an identity header at an unknown path',
      '/nowhere',
      [['x-user-id', 'a']],
      'identity_header_spoofed',
    ],
    ['a dot segment', '/products/../orders', [], 'path_not_normalised'],
    ['an encoded slash', '/orders%2F1', [], 'path_not_normalised'],
    ['a broken escape', '/orders/%', [], 'path_not_normalised'],
    [
      'a body to GET',
      path,
      [
        ['content-length', '0'],
        ['transfer-encoding', 'chunked'],
      ],
      'request_malformed',
    ],
  ])('%s', async (_name, target, headers, code) => {
    const answer = await gateway.send({
      path: target,
      headers: [['authorization', authorization], ...headers],
    });
    expectRefusal(gateway, answer, { status: 400, code });
    expect(gateway.events.all).toMatchObject([{ type: 'request' }]);
    const traces = [answer.body, ...gateway.log, JSON.stringify(gateway.events.all)].join('');
    expect(traces).not.toContain(SECRET);
  });

  it('a target that is too long', async () => {
    const answer = await gateway.send({ path: `/products?x=${'x'.repeat(3000)}` });
    expectRefusal(gateway, answer, { status: 414, code: 'uri_too_long' });
  });

  it('too many headers', async () => {
    const headers = Array.from({ length: 120 }, (_, index) => [`x-a${index}`, ''] as const);
    const answer = await gateway.send({ path: '/products', headers });
    expectRefusal(gateway, answer, { status: 431, code: 'too_many_headers' });
  });
});

describe('an identity trailer', () => {
  const post = (trailer: string, ...headers: string[]) =>
    [
      'POST /orders HTTP/1.1',
      'Host: localhost',
      `Authorization: ${authorization}`,
      'Idempotency-Key: a',
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
      'Connection: close',
      ...headers,
      '',
      '2c',
      '{"items":[{"sku":"keep-key","quantity":  1}]}'.slice(0, 0x2c),
      '1',
      '}',
      '0',
      trailer,
      '',
      '',
    ].join('\r\n');

  it.each<[string, string[]]>([
    ['that was announced', ['Trailer: X-User-Id']],
    ['that was not announced', []],
  ])('%s is refused', async (_name, headers) => {
    const answer = await gateway.exchange(post(`X-User-Id: ${SECRET}`, ...headers));
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*"code":"identity_header_spoofed"/);
    expect(gateway.events.refusals).toEqual(['identity_header_spoofed']);
    expect(gateway.upstreamCalls()).toEqual([]);
    expect(gateway.handled).toEqual([]);
    expect(gateway.log.join('')).not.toContain(SECRET);
  });

  it.each(['Content-Type', 'Authorization', 'x_api_key', 'X-Access-Token', 'Host'])(
    'or %s is refused, and ends its connection',
    async (name) => {
      const bytes = post(`${name}: ${SECRET}`).replace('Connection: close\r\n', '');
      const answer = await gateway.exchange(bytes);
      expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*Connection: close[^]*"code":"trailer_refused"/);
      expect(gateway.events.refusals).toEqual(['trailer_refused']);
      expect(gateway.upstreamCalls()).toEqual([]);
    },
  );

  it('of another name passes', async () => {
    gateway.transports.orders.answer('createOrder', { order: wireOrder(), replayed: false });
    const answer = await gateway.exchange(post('X-Digest: a'));
    expect(answer).toMatch(/^HTTP\/1\.1 201 /);
    expect(gateway.events.all).toEqual([]);
  });
});

it('lets the same request through when it is clean', async () => {
  const answer = await gateway.send({ path, headers: [['authorization', authorization]] });
  expect(answer.status).toBe(200);
  expect(answer.headers).not.toHaveProperty('x-powered-by');
  expect(answer.headers).not.toHaveProperty('server');
  expect(gateway.events.all).toEqual([]);
  expect(gateway.upstreamCalls()).toHaveLength(1);
});
