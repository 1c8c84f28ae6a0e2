import { RpcError, type RpcStatus } from '@sallyport/contracts';
import { expectRefusal, startTestGateway, type TestGateway } from '../gateway.fixture';

const json = { token: 'r'.repeat(43), password: 'correct horse battery staple' };
const tokens = {
  accessToken: 'a.b.c',
  expiresIn: 900,
  scope: 'orders:read',
  refreshToken: 'n'.repeat(43),
  sessionExpiresAt: new Date(Date.now() + 3_600_000),
  deviceTokens: '',
};

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  gateway.transports.auth.answer('confirmRegistration', { tokens });
  gateway.transports.auth.answer('register', { tokens: undefined });
});
afterEach(() => {
  const traces = [...gateway.log, JSON.stringify(gateway.events.all)].join('');
  for (const secret of Object.values(json)) expect(traces).not.toContain(secret);
});

const post = (sent: object) =>
  gateway.send({ method: 'POST', path: '/auth/register/confirm', json, ...sent });

describe('a confirmation is refused', () => {
  it('from the page of another site', async () => {
    const answer = await post({ headers: [['origin', 'https://evil.example']] });
    expectRefusal(gateway, answer, { status: 403, code: 'cross_site_request' });
  });

  it.each<[string, object]>([
    ['no token', { password: json.password }],
    ['an endless token', { ...json, token: 'r'.repeat(257) }],
    ['no password', { token: json.token }],
    ['a number for one', { ...json, password: 1 }],
    ['an address beside it', { ...json, email: 'ada@example.com' }],
  ])('with %s', async (_name, wrong) => {
    const answer = await post({ json: wrong });
    expect(JSON.parse(answer.body)).toMatchObject({ status: 400, code: 'validation_failed' });
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it('with the token in the URL', async () => {
    const answer = await post({ path: `/auth/register/confirm?token=${json.token}` });
    expect(answer.status).toBe(400);
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it.each<[RpcStatus, string, number, string]>([
    [
      'INVALID_ARGUMENT',
      'registration_confirmation_refused',
      400,
      'registration_confirmation_refused',
    ],
    ['INVALID_ARGUMENT', 'password_too_common', 400, 'password_too_common'],
    ['RESOURCE_EXHAUSTED', 'server_busy', 429, 'server_busy'],
    ['UNAVAILABLE', 'database_unavailable', 503, 'service_unavailable'],
  ])('when auth-service says %s %s', async (status, reason, expected, code) => {
    gateway.transports.auth.fail('confirmRegistration', new RpcError(status, reason));
    const answer = await post({});
    expect(JSON.parse(answer.body)).toMatchObject({ status: expected, code });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});

it('opens the first session of an account', async () => {
  const answer = await post({});
  expect(answer.status).toBe(201);
  expect(JSON.parse(answer.body)).toMatchObject({ access_token: 'a.b.c', token_type: 'Bearer' });
  expect(answer.headers['set-cookie']).toEqual([
    expect.stringMatching(/^__Secure-sallyport-refresh=n{43}; /),
  ]);
  expect(gateway.upstreamCalls()).toMatchObject([
    { path: '/sallyport.auth.v1.AuthService/ConfirmRegistration', request: json },
  ]);
});

it.each([{}, { password: json.password }])(
  'answers a registration that is confirmed by mail without a word: %j',
  async (password) => {
    const email = 'ada@example.com';
    const answer = await post({ path: '/auth/register', json: { email, ...password } });
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 202, body: '' });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(gateway.upstreamCalls()).toMatchObject([{ request: { email } }]);
  },
);

it('makes the device known', async () => {
  const deviceTokens = 'd'.repeat(43);
  gateway.transports.auth.answer('confirmRegistration', { tokens: { ...tokens, deviceTokens } });
  const headers = [['cookie', `__Host-sallyport-device=${'o'.repeat(43)}`]];
  const answer = await post({ headers });
  expect(gateway.upstreamCalls()[0]?.request).toMatchObject({ deviceTokens: 'o'.repeat(43) });
  expect(answer.headers['set-cookie']).toContainEqual(
    expect.stringMatching(`^__Host-sallyport-device=${deviceTokens};`),
  );
});
