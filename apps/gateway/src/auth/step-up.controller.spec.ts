import { RpcError, type RpcStatus } from '@sallyport/contracts';
import {
  expectRefusal,
  PUBLIC_URL,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const json = { password: 'correct horse battery staple', method: 'totp', code: '123456' };

let gateway: TestGateway;
let credential: readonly [string, string];
beforeAll(async () => {
  gateway = await startTestGateway();
  credential = ['authorization', `Bearer ${gateway.mint.accessToken({ payload: { scope: '' } })}`];
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  gateway.transports.auth.answer('stepUp', { accessToken: 'a.b.c', expiresIn: 900, scope: 's' });
});
afterEach(() => {
  const traces = [...gateway.log, JSON.stringify(gateway.events.all)].join('');
  expect(traces).not.toContain(json.password);
});

const stepUp = (sent: object = {}) =>
  gateway.send({ method: 'POST', path: '/auth/step-up', headers: [credential], json, ...sent });

describe('stepping up is refused', () => {
  it('to nobody, whatever cookie there is', async () => {
    const headers = [['cookie', `__Secure-sallyport-refresh=${'r'.repeat(43)}`]];
    const answer = await stepUp({ headers });
    expectRefusal(gateway, answer, { status: 401, code: 'credential_missing' });
  });

  it('to a client', async () => {
    const token = gateway.mint.accessToken({ payload: { sid: undefined } });
    const answer = await stepUp({ headers: [['authorization', `Bearer ${token}`]] });
    expect(statusAndCode(answer)).toEqual([403, 'session_required']);
  });

  it('to a page of another origin', async () => {
    const answer = await stepUp({ headers: [credential, ['origin', 'https://evil.example']] });
    expectRefusal(gateway, answer, { status: 403, code: 'cross_site_request' });
  });

  it.each<[string, unknown, string]>([
    ['without the password', { ...json, password: undefined }, 'password'],
    ['with an endless password', { ...json, password: 'x'.repeat(1025) }, 'password'],
    ['with a number for a code', { ...json, code: 123456 }, 'code'],
    ['by a method there is not', { ...json, method: 'fingerprint' }, 'method'],
    ['for another session', { ...json, session: 'b' }, 'session'],
    ['to a class of the client’s choice', { ...json, acr: 'urn:sallyport:acr:mfa' }, 'acr'],
  ])('%s', async (_name, body, path) => {
    const answer = await stepUp({ json: body });
    const violations = [{ path }];
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'validation_failed', violations });
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it.each<[RpcStatus, string, number, string]>([
    ['UNAUTHENTICATED', 'invalid_credentials', 401, 'invalid_credentials'],
    ['UNAUTHENTICATED', 'mfa_refused', 401, 'mfa_refused'],
    ['UNAUTHENTICATED', 'session_ended', 401, 'session_ended'],
    ['UNAUTHENTICATED', 'svid_expired', 502, 'upstream_refused'],
    ['RESOURCE_EXHAUSTED', 'too_many_attempts', 429, 'too_many_attempts'],
    ['UNAVAILABLE', 'dependency_unavailable', 503, 'service_unavailable'],
  ])('when auth-service says %s %s', async (rpcStatus, reason, status, code) => {
    gateway.transports.auth.fail('stepUp', new RpcError(rpcStatus, reason));
    expect(statusAndCode(await stepUp())).toEqual([status, code]);
  });
});

it('hands over an access token, and leaves the cookie alone', async () => {
  const answer = await stepUp({ headers: [credential, ['origin', PUBLIC_URL]] });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({
    access_token: 'a.b.c',
    token_type: 'Bearer',
    expires_in: 900,
    scope: 's',
  });
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(gateway.upstreamCalls()).toMatchObject([
    {
      path: '/sallyport.mfa.v1.MfaService/StepUp',
      request: json,
      options: { timeoutMs: 8000, metadata: { 'x-session-id': gateway.mint.claims['sid'] } },
    },
  ]);
});

it('takes the password alone of whoever has nothing else', async () => {
  expect((await stepUp({ json: { password: json.password } })).status).toBe(200);
  expect(gateway.upstreamCalls()).toMatchObject([{ request: { method: 'totp', code: '' } }]);
});
