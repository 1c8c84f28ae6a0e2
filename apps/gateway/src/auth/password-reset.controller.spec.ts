import { RpcError, type RpcStatus } from '@sallyport/contracts';
import { expectRefusal, startTestGateway, type TestGateway } from '../gateway.fixture';

const REQUEST = { path: '/auth/password-reset', json: { email: 'ada@example.com' } };
const CONFIRMATION = {
  path: '/auth/password-reset/confirm',
  json: { token: 'r'.repeat(43), password: 'correct horse battery staple' },
};

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  gateway.transports.auth.answer('requestPasswordReset', {});
  gateway.transports.auth.answer('resetPassword', {});
});
afterEach(() => {
  const traces = [...gateway.log, JSON.stringify(gateway.events.all)].join('');
  for (const secret of Object.values(CONFIRMATION.json)) expect(traces).not.toContain(secret);
});

const post = (sent: object) => gateway.send({ method: 'POST', path: '', ...sent });

describe('a password reset is refused', () => {
  it.each([REQUEST, CONFIRMATION])('from the page of another site: $path', async (right) => {
    const headers = [['origin', 'https://evil.example']];
    expectRefusal(gateway, await post({ ...right, headers }), {
      status: 403,
      code: 'cross_site_request',
    });
  });

  it.each<[string, object]>([
    ['no address', { ...REQUEST, json: {} }],
    ['an endless address', { ...REQUEST, json: { email: 'a'.repeat(321) } }],
    ['a list of addresses', { ...REQUEST, json: { email: ['a@example.com'] } }],
    ['an address and more', { ...REQUEST, json: { ...REQUEST.json, admin: true } }],
    ['no token', { ...CONFIRMATION, json: { password: CONFIRMATION.json.password } }],
    [
      'an endless token',
      { ...CONFIRMATION, json: { ...CONFIRMATION.json, token: 'r'.repeat(257) } },
    ],
    ['no password', { ...CONFIRMATION, json: { token: CONFIRMATION.json.token } }],
    ['a number for one', { ...CONFIRMATION, json: { ...CONFIRMATION.json, password: 1 } }],
    ['an account beside it', { ...CONFIRMATION, json: { ...CONFIRMATION.json, email: 'b' } }],
  ])('with %s', async (_name, wrong) => {
    const answer = await post(wrong);
    expect(JSON.parse(answer.body)).toMatchObject({ status: 400, code: 'validation_failed' });
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it('with the token in the URL', async () => {
    const { path, json } = CONFIRMATION;
    const answer = await post({ path: `${path}?token=${json.token}`, json });
    expect(answer.status).toBe(400);
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it.each<[RpcStatus, string, number, string]>([
    ['INVALID_ARGUMENT', 'password_reset_refused', 400, 'password_reset_refused'],
    ['INVALID_ARGUMENT', 'password_too_common', 400, 'password_too_common'],
    ['RESOURCE_EXHAUSTED', 'server_busy', 429, 'server_busy'],
    ['UNAVAILABLE', 'dependency_unavailable', 503, 'service_unavailable'],
  ])('when auth-service says %s %s', async (status, reason, expected, code) => {
    gateway.transports.auth.fail('resetPassword', new RpcError(status, reason));
    const answer = await post(CONFIRMATION);
    expect(JSON.parse(answer.body)).toMatchObject({ status: expected, code });
  });
});

describe('a password reset', () => {
  it('is asked for, and answered without a word', async () => {
    const answer = await post(REQUEST);
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 202, body: '' });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(gateway.upstreamCalls()).toMatchObject([
      { path: '/sallyport.auth.v1.AuthService/RequestPasswordReset', request: REQUEST.json },
    ]);
  });

  it('is carried out, and opens no session', async () => {
    const answer = await post(CONFIRMATION);
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 204, body: '' });
    expect(answer.headers['set-cookie']).toBeUndefined();
    const { token, password: newPassword } = CONFIRMATION.json;
    expect(gateway.upstreamCalls()).toMatchObject([
      {
        path: '/sallyport.auth.v1.AuthService/ResetPassword',
        request: { token, newPassword },
      },
    ]);
  });
});
