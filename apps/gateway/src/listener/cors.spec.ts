import {
  expectRefusal,
  PUBLIC_URL,
  startTestGateway,
  wireOrder,
  type Answer,
  type TestGateway,
} from '../gateway.fixture';

const ALLOWED = 'https://app.example';
const CLIENT = 'https://client.example';
const OTHERS = [
  'https://other.example',
  'http://app.example',
  'https://app.example:8443',
  'https://app.example.attacker.example',
  'https://sub.app.example',
  'https://App.example',
  'https://app.example/',
  'https://app.example, https://other.example',
  'null',
  '*',
  '',
];

let gateway: TestGateway;
let authorization: string;
beforeAll(async () => {
  gateway = await startTestGateway({
    allowedOrigins: [ALLOWED, 'http://localhost:5173'],
    clientOrigins: [CLIENT],
  });
  authorization = `Bearer ${gateway.mint.accessToken()}`;
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  gateway.transports.orders.answer('getOrder', { order: wireOrder() });
});

const path = '/orders/0b0e8d0c-6a55-4c3f-8a4f-6a2f4a3f6c1d';

const preflight = (origin: string, to = path, method = 'GET', headers = 'authorization') =>
  gateway.send({
    method: 'OPTIONS',
    path: to,
    headers: [
      ['origin', origin],
      ['access-control-request-method', method],
      ['access-control-request-headers', headers],
    ],
  });

function corsHeadersOf({ headers }: Answer): readonly string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'));
}

describe('an origin that is not listed', () => {
  it.each(OTHERS)('gets no preflight answered: %j', async (origin) => {
    const answer = await preflight(origin);
    expectRefusal(gateway, answer, { status: 405, code: 'method_not_allowed' });
    expect(corsHeadersOf(answer)).toEqual([]);
    expect(answer.headers['vary']).toBe('Origin');
  });

  it.each(OTHERS)('may not read the answer to a request: %j', async (origin) => {
    const headers = [
      ['authorization', authorization],
      ['origin', origin],
    ] as const;
    const answer = await gateway.send({ path, headers });
    expect(answer.status).toBe(200);
    expect(corsHeadersOf(answer)).toEqual([]);
    expect(answer.headers['vary']).toBe('Origin');
  });
});

describe('a listed origin', () => {
  it.each([
    ['a path that does not exist', '/nowhere', 'GET', 404],
    ['a method that does not exist', path, 'DELETE', 405],
    ['a method that nobody knows', path, 'STEAL', 405],
    ['a method in lower case', path, 'get', 405],
    ['an operations path', '/metrics', 'GET', 404],
  ])('gets no preflight answered for %s', async (_name, to, method, status) => {
    const answer = await preflight(ALLOWED, to, method);
    expect([answer.status, answer.headers['access-control-allow-methods']]).toEqual([
      status,
      undefined,
    ]);
  });

  it('gets its preflight answered, for the methods of the route, without credentials mode', async () => {
    const answer = await preflight(ALLOWED);
    expect([answer.status, answer.body]).toEqual([204, '']);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': ALLOWED,
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers':
        'authorization, content-type, dpop, idempotency-key, x-api-key',
      'access-control-max-age': '600',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      vary: expect.stringContaining('Origin'),
    });
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    expect(gateway.events.all).toEqual([]);
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it('is granted no header beyond the list, whatever it asks for', async () => {
    const answer = await preflight(ALLOWED, path, 'GET', 'x-user-id, x-anything');
    expect(answer.headers['access-control-allow-headers']).not.toMatch(/x-user-id|x-anything|\*/);
  });

  it('reads answers, refusals included', async () => {
    const origin = ['origin', ALLOWED] as const;
    const answers = [
      await gateway.send({ path, headers: [['authorization', authorization], origin] }),
      await gateway.send({ path, headers: [origin] }),
      await gateway.send({ path: '/nowhere', headers: [origin] }),
      await gateway.send({ method: 'POST', path: '/auth/login', headers: [origin], body: '{' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 404, 415]);
    for (const { headers } of answers) {
      expect(headers['access-control-allow-origin']).toBe(ALLOWED);
      expect(headers['access-control-expose-headers']).toContain('x-correlation-id');
      expect(headers['vary']).toBe('Origin');
    }
  });

  it('is allowed credentials mode where the cookie is used', async () => {
    const answer = await preflight(
      'http://localhost:5173',
      '/auth/refresh',
      'POST',
      'content-type',
    );
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'http://localhost:5173',
      'access-control-allow-credentials': 'true',
    });
  });

  const refresh = (...headers: readonly (readonly [string, string])[]) =>
    gateway.send({
      method: 'POST',
      path: '/auth/refresh',
      headers: [['cookie', '__Secure-sallyport-refresh=a'], ...headers],
    });

  it.each([['cross-site'], ['none'], ['same-origin'], [undefined]])(
    'may not use the cookie from another site (Sec-Fetch-Site: %s)',
    async (site) => {
      const headers = [['origin', ALLOWED] as const];
      if (site !== undefined) headers.push(['sec-fetch-site', site] as never);
      const answer = await refresh(...headers);
      expectRefusal(gateway, answer, { status: 403, code: 'cross_site_request' });
    },
  );

  it('may not when it is not listed, same-site or not', async () => {
    const answer = await refresh(
      ['origin', 'https://sub.app.example'],
      ['sec-fetch-site', 'same-site'],
    );
    expectRefusal(gateway, answer, { status: 403, code: 'cross_site_request' });
  });

  it('may from the same site', async () => {
    await refresh(['origin', ALLOWED], ['sec-fetch-site', 'same-site']);
    expect(gateway.upstreamCalls()).toHaveLength(1);
  });
});

it('nothing of CORS is there when no origin is listed', async () => {
  const closed = await startTestGateway();
  const answer = await closed.send({ path: '/products', headers: [['origin', PUBLIC_URL]] });
  expect([corsHeadersOf(answer), answer.headers['vary']]).toEqual([[], undefined]);
  await closed.close();
});

describe('the origin of an OAuth client', () => {
  it.each([
    ['POST', '/auth/refresh'],
    ['GET', '/auth/me'],
    ['POST', '/oauth2/interaction/an-interaction/consent'],
    ['GET', '/admin/keys'],
  ])('is that of a stranger at %s %s', async (method, to) => {
    const answer = await preflight(CLIENT, to, method);
    expectRefusal(gateway, answer, { status: 405, code: 'method_not_allowed' });
    expect(corsHeadersOf(answer)).toEqual([]);
    expect(corsHeadersOf(await preflight(ALLOWED, to, method))).not.toEqual([]);
  });

  it('may not use the visitor’s cookie, though it is same-site', async () => {
    const answer = await gateway.send({
      method: 'POST',
      path: '/auth/refresh',
      headers: [
        ['origin', CLIENT],
        ['sec-fetch-site', 'same-site'],
        ['cookie', '__Host-refresh=anything'],
      ],
    });
    expectRefusal(gateway, answer, { status: 403, code: 'cross_site_request' });
    expect(corsHeadersOf(answer)).toEqual([]);
  });

  it.each([
    ['POST', '/oauth2/token'],
    ['POST', '/oauth2/par'],
    ['POST', '/oauth2/revoke'],
    ['GET', '/oauth2/userinfo'],
    ['GET', '/.well-known/openid-configuration'],
    ['GET', '/.well-known/jwks.json'],
    ['GET', path],
  ])('may read the answer to %s %s, without credentials of the browser', async (method, to) => {
    const answer = await preflight(CLIENT, to, method, 'authorization, dpop');
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': CLIENT });
    expect(answer.headers['access-control-allow-headers']).toContain('dpop');
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });
});
