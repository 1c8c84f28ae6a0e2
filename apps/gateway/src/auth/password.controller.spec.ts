import { RpcError, type RpcStatus } from '@sallyport/contracts';
import {
  expectRefusal,
  PUBLIC_URL,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const json = {
  currentPassword: 'correct horse battery staple',
  newPassword: 'incorrect horse battery staple',
};

let gateway: TestGateway;
let credential: readonly [string, string];
beforeAll(async () => {
  gateway = await startTestGateway();
  credential = ['authorization', `Bearer ${gateway.mint.accessToken({ payload: { scope: '' } })}`];
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  gateway.transports.auth.answer('changePassword', {
    tokens: {
      accessToken: 'a.b.c',
      expiresIn: 900,
      scope: 'orders:read',
      refreshToken: 'n'.repeat(43),
      sessionExpiresAt: new Date(Date.now() + 3_600_000),
      deviceTokens: '',
    },
  });
});
afterEach(() => {
  const traces = [...gateway.log, JSON.stringify(gateway.events.all)].join('');
  for (const password of Object.values(json)) expect(traces).not.toContain(password);
});

const change = (sent: object = {}) =>
  gateway.send({
    method: 'POST',
    path: '/auth/password',
    headers: [credential],
    json,
    ...sent,
  });

describe('changing the password is refused', () => {
  it('to nobody, whatever cookie there is', async () => {
    const headers = [['cookie', `__Secure-sallyport-refresh=${'r'.repeat(43)}`]];
    const answer = await change({ headers });
    expectRefusal(gateway, answer, { status: 401, code: 'credential_missing' });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it.each([
    ['origin', 'https://evil.example'],
    ['origin', 'null'],
    ['sec-fetch-site', 'same-site'],
  ])('to another site: %s %s', async (name, value) => {
    const answer = await change({ headers: [credential, [name, value]] });
    expectRefusal(gateway, answer, { status: 403, code: 'cross_site_request' });
  });

  it.each<[string, unknown, string]>([
    ['without the current one', { newPassword: json.newPassword }, 'currentPassword'],
    ['without a new one', { currentPassword: json.currentPassword }, 'newPassword'],
    ['with an empty one', { ...json, newPassword: '' }, 'newPassword'],
    ['with an endless one', { ...json, newPassword: 'x'.repeat(1025) }, 'newPassword'],
    ['with a number for one', { ...json, currentPassword: 1 }, 'currentPassword'],
    ['for somebody else', { ...json, account: 'b' }, 'account'],
  ])('%s', async (_name, body, path) => {
    const answer = await change({ json: body });
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 400,
      code: 'validation_failed',
      violations: [{ path }],
    });
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it.each<[RpcStatus, string, number, string]>([
    ['UNAUTHENTICATED', 'invalid_credentials', 401, 'invalid_credentials'],
    ['UNAUTHENTICATED', 'session_ended', 401, 'session_ended'],
    ['UNAUTHENTICATED', 'svid_expired', 502, 'upstream_refused'],
    ['INVALID_ARGUMENT', 'password_too_short', 400, 'password_too_short'],
    ['RESOURCE_EXHAUSTED', 'too_many_attempts', 429, 'too_many_attempts'],
    ['UNAVAILABLE', 'dependency_unavailable', 503, 'service_unavailable'],
  ])('when auth-service says %s %s', async (rpcStatus, reason, status, code) => {
    gateway.transports.auth.fail('changePassword', new RpcError(rpcStatus, reason));
    const answer = await change();
    expect(statusAndCode(answer)).toEqual([status, code]);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

it('changes the password, and the session goes on with new tokens', async () => {
  const answer = await change({ headers: [credential, ['origin', PUBLIC_URL]] });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({
    access_token: 'a.b.c',
    token_type: 'Bearer',
    expires_in: 900,
    scope: 'orders:read',
  });
  expect(answer.headers['set-cookie']).toEqual([
    expect.stringMatching(
      /^__Secure-sallyport-refresh=n{43}; Max-Age=3(599|600); Path=\/auth; HttpOnly; Secure; SameSite=Strict$/,
    ),
  ]);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(gateway.upstreamCalls()).toMatchObject([
    {
      path: '/sallyport.auth.v1.AuthService/ChangePassword',
      request: json,
      options: { timeoutMs: 8000, metadata: { 'x-session-id': gateway.mint.claims['sid'] } },
    },
  ]);
  expect(gateway.events.all).toEqual([]);
});
