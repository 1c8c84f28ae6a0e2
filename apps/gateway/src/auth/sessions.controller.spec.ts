import { RpcError } from '@sallyport/contracts';
import {
  expectRefusal,
  PUBLIC_URL,
  startTestGateway,
  type TestGateway,
  statusAndCode,
} from '../gateway.fixture';

const json = { email: 'ada@example.com', password: 'correct horse battery staple' };
const cookie = (value: string) => ['cookie', `__Secure-sallyport-refresh=${value}`] as const;
const TOKEN = 'r'.repeat(43);

const tokens = () => ({
  accessToken: 'a.b.c',
  expiresIn: 900,
  scope: 'orders:read',
  refreshToken: 'n'.repeat(43),
  sessionExpiresAt: new Date(Date.now() + 3_600_000),
  deviceTokens: '',
});

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
});

const post = (path: string, sent: object = {}) =>
  gateway.send({ method: 'POST', path: `/auth/${path}`, ...sent });

describe('a cookie endpoint refuses a request that another site made', () => {
  const paths = ['register', 'login', 'refresh', 'logout'];
  const signs: [string, string][] = [
    ['origin', 'https://evil.example'],
    ['origin', 'https://sub.gateway.example'],
    ['origin', 'http://gateway.example'],
    ['origin', 'null'],
    ['sec-fetch-site', 'cross-site'],
    ['sec-fetch-site', 'same-site'],
  ];
  it.each(paths.flatMap((path) => signs.map(([name, value]) => [path, name, value] as const)))(
    'to %s with %s: %s',
    async (path, name, value) => {
      const answer = await post(path, { headers: [[name, value], cookie(TOKEN)], json });
      expectRefusal(gateway, answer, { status: 403, code: 'cross_site_request' });
      expect(answer.headers['set-cookie']).toBeUndefined();
    },
  );
});

describe('signing in is refused', () => {
  it.each<[string, unknown, string]>([
    ['without a password', { email: 'a@b.c' }, 'password'],
    ['with a number for a password', { email: 'a@b.c', password: 1 }, 'password'],
    ['with an endless password', { email: 'a@b.c', password: 'x'.repeat(1025) }, 'password'],
    ['with wishes', { ...json, scope: 'keys:manage' }, 'scope'],
  ])('%s', async (_name, body, path) => {
    const answer = await post('login', { json: body });
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 400,
      code: 'validation_failed',
      violations: [{ path }],
    });
    expect(answer.body).not.toContain('xxx');
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it('with the wrong password', async () => {
    gateway.transports.auth.fail('login', new RpcError('UNAUTHENTICATED', 'invalid_credentials'));
    const answer = await post('login', { json });
    expect(statusAndCode(answer)).toEqual([401, 'invalid_credentials']);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="sallyport"');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(gateway.log.join('')).not.toContain(json.password);
  });

  it('by a gateway that auth-service does not accept, which is no fault of the client', async () => {
    gateway.transports.auth.fail('login', new RpcError('UNAUTHENTICATED', 'svid_expired'));
    expect(await post('login', { json })).toMatchObject({ status: 502 });
  });

  it('too often', async () => {
    gateway.transports.auth.fail('login', new RpcError('RESOURCE_EXHAUSTED', 'too_many_attempts'));
    const answer = await post('login', { json });
    expect(statusAndCode(answer)).toEqual([429, 'too_many_attempts']);
    expect(answer.headers['retry-after']).toBeUndefined();
  });

  it('too often, and for how long auth-service says', async () => {
    const retryAfterSeconds = 8;
    const refusal = new RpcError('RESOURCE_EXHAUSTED', 'too_many_attempts', { retryAfterSeconds });
    gateway.transports.auth.fail('login', refusal);
    const answer = await post('login', { json });
    expect(statusAndCode(answer)).toEqual([429, 'too_many_attempts']);
    expect(answer.headers['retry-after']).toBe('8');
  });

  it('for an address that is taken', async () => {
    gateway.transports.auth.fail(
      'register',
      new RpcError('ALREADY_EXISTS', 'registration_refused'),
    );
    expect(await post('register', { json })).toMatchObject({ status: 409 });
  });
});

describe('refreshing is refused', () => {
  it.each<[string, readonly (readonly [string, string])[]]>([
    ['without a cookie', []],
    ['with another cookie', [['cookie', 'sallyport-refresh=a; __secure-sallyport-refresh=b']]],
    ['with an empty cookie', [cookie('')]],
    ['with what cannot be a refresh token', [cookie('a b')]],
    ['with an access token instead', [['authorization', 'Bearer a']]],
  ])('%s', async (_name, headers) => {
    const answer = await post('refresh', { headers });
    expectRefusal(gateway, answer, { status: 401, code: 'invalid_grant' });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('with two cookies of the name', async () => {
    const two = ['cookie', `${cookie(TOKEN)[1]}; ${cookie('planted')[1]}`];
    const answer = await post('refresh', { headers: [two] });
    expectRefusal(gateway, answer, { status: 400, code: 'multiple_credentials' });
  });

  it.each(['refresh', 'logout'])('with an access token beside the cookie: %s', async (path) => {
    const headers = [['authorization', 'Bearer a'], cookie(TOKEN)];
    const answer = await post(path, { headers });
    expectRefusal(gateway, answer, { status: 400, code: 'multiple_credentials' });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('when auth-service says so, without touching the cookie of whoever won', async () => {
    gateway.transports.auth.fail('refresh', new RpcError('UNAUTHENTICATED', 'invalid_grant'));
    const answer = await post('refresh', { headers: [cookie(TOKEN)] });
    expect(statusAndCode(answer)).toEqual([401, 'invalid_grant']);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(gateway.log.join('')).not.toContain(TOKEN);
  });
});

const signIn = { ...json, deviceTokens: '' };

describe('a session', () => {
  it.each([
    ['register', 201, json, [], { ...signIn, userAgent: '' }],
    ['login', 200, json, [], { ...signIn, userAgent: '' }],
    ['register', 201, json, [['user-agent', 'curl/8.5.0']], { ...signIn, userAgent: 'curl/8.5.0' }],
    [
      'login',
      200,
      json,
      [
        ['origin', PUBLIC_URL],
        ['sec-fetch-site', 'same-origin'],
        ['user-agent', 'Mozilla/5.0 (\u00e9)'],
      ],
      { ...signIn, userAgent: 'Mozilla/5.0 ()' },
    ],
    ['refresh', 200, undefined, [cookie(TOKEN)], { refreshToken: TOKEN, userAgent: '' }],
    [
      'refresh',
      200,
      undefined,
      [cookie(TOKEN), ['user-agent', 'x'.repeat(300)]],
      { refreshToken: TOKEN, userAgent: 'x'.repeat(256) },
    ],
  ] as const)('is opened or prolonged by %s', async (path, status, body, headers, request) => {
    gateway.transports.auth.answer(path, { tokens: tokens() });
    const answer = await post(path, { json: body, headers });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toEqual({
      access_token: 'a.b.c',
      token_type: 'Bearer',
      expires_in: 900,
      scope: 'orders:read',
    });
    expect(answer.headers['cache-control']).toBe('no-store');
    const [set] = answer.headers['set-cookie'] ?? [];
    expect(set).toMatch(
      /^__Secure-sallyport-refresh=n{43}; Max-Age=3(599|600); Path=\/auth; HttpOnly; Secure; SameSite=Strict$/,
    );
    const [call] = gateway.upstreamCalls();
    expect(call?.request).toEqual(request);
    expect(call?.options.metadata).toEqual({
      'x-correlation-id': answer.headers['x-correlation-id'],
      'x-client-address': '127.0.0.1',
    });
    const log = gateway.log.join('');
    expect(log).not.toContain(json.password);
    expect(log).not.toContain(TOKEN);
  });

  it.each(['register', 'login'] as const)('makes the device known: %s', async (path) => {
    const deviceTokens = 'd'.repeat(43);
    gateway.transports.auth.answer(path, { tokens: { ...tokens(), deviceTokens } });
    const headers = [['cookie', `__Host-sallyport-device=${'o'.repeat(43)}; a=b`]] as const;
    const answer = await post(path, { json, headers });
    expect(gateway.upstreamCalls()[0]?.request).toMatchObject({ deviceTokens: 'o'.repeat(43) });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Secure-sallyport-refresh=n{43};/),
      `__Host-sallyport-device=${deviceTokens}; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=7776000`,
    ]);
    expect(gateway.log.join('')).not.toMatch(/o{43}|d{43}/);
  });

  it('is ended by logout', async () => {
    gateway.transports.auth.answer('logout', {});
    const answer = await post('logout', { headers: [['cookie', `a=b; ${cookie(TOKEN)[1]}`]] });
    expect(answer).toMatchObject({ status: 204, body: '' });
    expect(answer.headers['set-cookie']).toEqual([
      '__Secure-sallyport-refresh=; Max-Age=0; Path=/auth; HttpOnly; Secure; SameSite=Strict',
    ]);
    expect(gateway.upstreamCalls()).toMatchObject([{ request: { refreshToken: TOKEN } }]);
  });

  it('need not exist to log out', async () => {
    expect(await post('logout')).toMatchObject({ status: 204 });
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it('is not forgotten while auth-service cannot end it', async () => {
    gateway.transports.auth.fail('logout', new RpcError('UNAVAILABLE', 'unavailable'));
    const answer = await post('logout', { headers: [cookie(TOKEN)] });
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('never hands out what would not fit a cookie', async () => {
    const broken = { ...tokens(), refreshToken: 'a; Domain=evil.example' };
    gateway.transports.auth.answer('login', { tokens: broken, mfaChallenge: undefined });
    const answer = await post('login', { json });
    expect(answer.status).toBe(500);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});
