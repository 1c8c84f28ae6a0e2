import { RpcError, type RpcStatus } from '@sallyport/contracts';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const MFA_TOKEN = 'm'.repeat(43);
const PASSWORD = 'correct horse battery staple';
const TOTP_FACTOR = {
  id: '3f0e0b7a-5d2c-4a53-9f0e-0b7a5d2c4a53',
  type: 'totp',
  enrolledAt: new Date(0),
  lastUsedAt: undefined,
};
const RECOVERY_CODES = ['K7QD-92MX-4TRA', '0000-1111-2222'];

let gateway: TestGateway;
let credential: readonly [string, string];
beforeAll(async () => {
  gateway = await startTestGateway();
  credential = ['authorization', `Bearer ${gateway.mint.accessToken({ payload: { scope: '' } })}`];
});
afterAll(() => gateway.close());

const tokens = () => ({
  accessToken: 'a.b.c',
  expiresIn: 900,
  scope: '',
  refreshToken: 'n'.repeat(43),
  sessionExpiresAt: new Date(Date.now() + 3_600_000),
  deviceTokens: '',
});

beforeEach(() => {
  gateway.reset();
  const { auth } = gateway.transports;
  auth.answer('completeLogin', { tokens: tokens() });
  auth.answer('listFactors', { factors: [TOTP_FACTOR], recoveryCodesLeft: 7 });
  auth.answer('beginTotp', { secret: 'ABCD', uri: 'otpauth://', qrSvg: '<svg/>', expiresIn: 600 });
  auth.answer('confirmTotp', { recoveryCodes: RECOVERY_CODES });
  auth.answer('regenerateRecoveryCodes', { recoveryCodes: RECOVERY_CODES });
  auth.answer('removeTotp', {});
});
afterEach(() => {
  const traces = [...gateway.log, JSON.stringify(gateway.events.all)].join('');
  for (const secret of [MFA_TOKEN, PASSWORD, ...RECOVERY_CODES]) {
    expect(traces).not.toContain(secret);
  }
});

const VERIFICATION = { mfaToken: MFA_TOKEN, method: 'totp', code: '123456' };
const REMOVAL = { password: PASSWORD };

const verify = (json: unknown, headers: readonly (readonly [string, string])[] = []) =>
  gateway.send({ method: 'POST', path: '/auth/mfa/verify', headers: [...headers], json });

type Route = readonly [method: string, path: string, json: object | undefined];

const LIST: Route = ['GET', '', undefined];
const OWN: readonly Route[] = [
  LIST,
  ['POST', '/totp', undefined],
  ['POST', '/totp/confirm', { code: '123456' }],
  ['DELETE', '/totp', REMOVAL],
  ['POST', '/recovery-codes', undefined],
];

const ask = ([method, path, json]: Route, headers = [credential]) =>
  gateway.send({ method, path: `/auth/mfa${path}`, headers, ...(json && { json }) });

it('answers a right password with how to go on, and sets no cookie', async () => {
  const mfaChallenge = { mfaToken: MFA_TOKEN, methods: ['totp'], expiresIn: 300 };
  gateway.transports.auth.answer('login', { tokens: undefined, mfaChallenge });
  const json = { email: 'ada@example.com', password: PASSWORD };
  const answer = await gateway.send({ method: 'POST', path: '/auth/login', json });
  expect(JSON.parse(answer.body)).toMatchObject({
    status: 401,
    code: 'mfa_required',
    ...mfaChallenge,
  });
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(answer.headers['cache-control']).toBe('no-store');
});

describe('verifying a code is refused', () => {
  it.each<[string, unknown, string]>([
    ['without a challenge', { ...VERIFICATION, mfaToken: undefined }, 'mfaToken'],
    ['without a code', { ...VERIFICATION, code: undefined }, 'code'],
    ['by a method there is not', { ...VERIFICATION, method: 'email' }, 'method'],
    ['with a number for a code', { ...VERIFICATION, code: 123456 }, 'code'],
    ['with an endless code', { ...VERIFICATION, code: '1'.repeat(65) }, 'code'],
    ['for somebody else', { ...VERIFICATION, email: 'b' }, 'email'],
  ])('%s', async (_name, json, path) => {
    const answer = await verify(json);
    const violations = [{ path }];
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'validation_failed', violations });
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it('to a page of another origin', async () => {
    const answer = await verify(VERIFICATION, [['origin', 'https://evil.example']]);
    expectRefusal(gateway, answer, { status: 403, code: 'cross_site_request' });
  });

  it.each<[RpcStatus, string, number, string]>([
    ['UNAUTHENTICATED', 'mfa_refused', 401, 'mfa_refused'],
    ['UNAUTHENTICATED', 'svid_expired', 502, 'upstream_refused'],
    ['RESOURCE_EXHAUSTED', 'too_many_attempts', 429, 'too_many_attempts'],
    ['UNAVAILABLE', 'dependency_unavailable', 503, 'service_unavailable'],
  ])('when auth-service says %s %s', async (rpcStatus, reason, status, code) => {
    gateway.transports.auth.fail('completeLogin', new RpcError(rpcStatus, reason));
    const answer = await verify(VERIFICATION);
    expect(statusAndCode(answer)).toEqual([status, code]);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});

it('opens a session for a code, as signing in does', async () => {
  const answer = await verify(VERIFICATION);
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({ access_token: 'a.b.c', token_type: 'Bearer' });
  expect(answer.headers['set-cookie']).toEqual([
    expect.stringMatching(/^__Secure-sallyport-refresh=n{43};/),
  ]);
  expect(gateway.upstreamCalls()).toMatchObject([
    { path: '/sallyport.mfa.v1.MfaService/CompleteLogin', request: VERIFICATION },
  ]);
});

describe.each(OWN)('%s /auth/mfa%s', (...route) => {
  it('is for nobody without a session', async () => {
    const answer = await ask(route, []);
    expectRefusal(gateway, answer, { status: 401, code: 'credential_missing' });
  });

  it('is for no client', async () => {
    const token = gateway.mint.accessToken({ payload: { sid: undefined } });
    const answer = await ask(route, [['authorization', `Bearer ${token}`]]);
    expect(statusAndCode(answer)).toEqual([403, 'session_required']);
  });

  it('is answered, and kept by no cache', async () => {
    const answer = await ask(route);
    expect([200, 204]).toContain(answer.status);
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe.each(OWN.filter(([method]) => method !== 'GET'))('%s /auth/mfa%s', (...route) => {
  it('is not asked by a page of another origin', async () => {
    const answer = await ask(route, [credential, ['origin', 'https://evil.example']]);
    expectRefusal(gateway, answer, { status: 403, code: 'cross_site_request' });
  });
});

it.each<[string, RpcStatus, number]>([
  ['invalid_credentials', 'UNAUTHENTICATED', 401],
  ['mfa_refused', 'UNAUTHENTICATED', 401],
  ['factor_not_found', 'NOT_FOUND', 404],
  ['factor_required', 'FAILED_PRECONDITION', 409],
  ['password_required', 'FAILED_PRECONDITION', 409],
  ['longer_password_required', 'FAILED_PRECONDITION', 409],
])('passes on %s', async (reason, rpcStatus, status) => {
  gateway.transports.auth.fail('removeTotp', new RpcError(rpcStatus, reason));
  expect(statusAndCode(await ask(['DELETE', '/totp', REMOVAL]))).toEqual([status, reason]);
});

it('lists the factors', async () => {
  expect(JSON.parse((await ask(LIST)).body)).toEqual({
    factors: [{ id: TOTP_FACTOR.id, type: 'totp', enrolledAt: '1970-01-01T00:00:00.000Z' }],
    recoveryCodesLeft: 7,
  });
});
