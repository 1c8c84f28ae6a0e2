import { RpcError, type RpcStatus } from '@sallyport/contracts';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const MFA_TOKEN = 'm'.repeat(43);
const NUMBER = '+12025550123';
const MASKED = '+1 … 23';
const ENROLMENT = { phoneNumber: NUMBER, acceptsRisk: true };
const RECOVERY_CODES = ['K7QD-92MX-4TRA'];

let gateway: TestGateway;

/** Of somebody who has just signed in, unless told otherwise. */
const credential = (payload: object = {}): readonly [string, string] => [
  'authorization',
  `Bearer ${gateway.mint.accessToken({ payload: { scope: '', ...payload } })}`,
];

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

beforeEach(() => {
  gateway.reset();
  const { auth } = gateway.transports;
  const sent = { phoneNumber: MASKED, expiresIn: 300, resendAfter: 30 };
  auth.answer('sendLoginCode', sent);
  auth.answer('sendStepUpCode', sent);
  auth.answer('beginPhone', { phoneNumber: MASKED, expiresIn: 300 });
  auth.answer('confirmPhone', { recoveryCodes: RECOVERY_CODES });
  auth.answer('removePhone', {});
});
afterEach(() => {
  const traces = [...gateway.log, JSON.stringify(gateway.events.all)].join('');
  for (const secret of [MFA_TOKEN, NUMBER, ...RECOVERY_CODES]) expect(traces).not.toContain(secret);
});

type Route = readonly [method: string, path: string, json: object | undefined];

const SEND: Route = ['POST', '/auth/mfa/sms/send', { mfaToken: MFA_TOKEN }];
const BEGIN: Route = ['POST', '/auth/mfa/sms', ENROLMENT];
const STEP_UP: Route = ['POST', '/auth/step-up/sms/send', undefined];
const CHANGES: readonly Route[] = [
  BEGIN,
  ['POST', '/auth/mfa/sms/confirm', { code: '123456' }],
  ['DELETE', '/auth/mfa/sms', {}],
];

const ask = ([method, path, json]: Route, headers = [credential()]) =>
  gateway.send({ method, path, headers, ...(json && { json }) });

describe('enrolling a number is refused', () => {
  it.each<[string, object, string]>([
    ['without a number', { phoneNumber: undefined }, 'phoneNumber'],
    ['with an endless number', { phoneNumber: '1'.repeat(33) }, 'phoneNumber'],
    ['without accepting the risk', { acceptsRisk: undefined }, 'acceptsRisk'],
    ['with the risk not accepted', { acceptsRisk: false }, 'acceptsRisk'],
    ['with the risk accepted in words', { acceptsRisk: 'true' }, 'acceptsRisk'],
    ['for somebody else', { email: 'a' }, 'email'],
  ])('%s', async (_name, change, path) => {
    const answer = await ask(['POST', '/auth/mfa/sms', { ...ENROLMENT, ...change }]);
    const violations = [{ path }];
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'validation_failed', violations });
    expect(gateway.upstreamCalls()).toEqual([]);
    expect((await ask(BEGIN)).status).toBe(202);
  });

  it.each<[RpcStatus, string, number, string]>([
    ['INVALID_ARGUMENT', 'phone_number_refused', 400, 'phone_number_refused'],
    ['FAILED_PRECONDITION', 'sms_not_offered', 409, 'sms_not_offered'],
    ['UNAVAILABLE', 'sms_not_sent', 503, 'service_unavailable'],
  ])('when auth-service says %s %s', async (rpcStatus, reason, status, code) => {
    gateway.transports.auth.fail('beginPhone', new RpcError(rpcStatus, reason));
    expect(statusAndCode(await ask(BEGIN))).toEqual([status, code]);
  });
});

describe.each([...CHANGES, STEP_UP])('%s %s', (...route) => {
  it('is for nobody without a session, and for no client', async () => {
    expectRefusal(gateway, await ask(route, []), { status: 401, code: 'credential_missing' });
    const answer = await ask(route, [credential({ sid: undefined })]);
    expect(statusAndCode(answer)).toEqual([403, 'session_required']);
  });

  it('is not asked by a page of another origin', async () => {
    const answer = await ask(route, [credential(), ['origin', 'https://evil.example']]);
    expectRefusal(gateway, answer, { status: 403, code: 'cross_site_request' });
    expect([200, 202, 204]).toContain((await ask(route)).status);
  });
});

it.each(CHANGES)('%s %s wants a recent authentication', async (...route) => {
  const auth_time = Math.floor(Date.now() / 1000) - 301;
  const answer = await ask(route, [credential({ auth_time })]);
  expect(statusAndCode(answer)).toEqual([401, 'insufficient_user_authentication']);
  expect(gateway.upstreamCalls()).toEqual([]);
});

describe.each([
  ['sendLoginCode', SEND],
  ['sendStepUpCode', STEP_UP],
  ['beginPhone', BEGIN],
])('%s', (rpc, route) => {
  it('tells how long to wait', async () => {
    const retryAfterSeconds = 17;
    const refusal = new RpcError('RESOURCE_EXHAUSTED', 'too_many_attempts', { retryAfterSeconds });
    gateway.transports.auth.fail(rpc as 'sendLoginCode', refusal);
    const answer = await ask(route);
    expect(statusAndCode(answer)).toEqual([429, 'too_many_attempts']);
    expect(answer.headers['retry-after']).toBe('17');
    expect(answer.body).not.toContain('phoneNumber');
  });
});

it('sends a code to whoever signs in, and refuses as verifying does', async () => {
  const answer = await ask(SEND, []);
  expect(answer.status).toBe(202);
  const sent = { phoneNumber: MASKED, expiresIn: 300, resendAfter: 30 };
  expect(JSON.parse(answer.body)).toEqual(sent);
  expect(answer.headers['cache-control']).toBe('no-store');
  gateway.transports.auth.fail('sendLoginCode', new RpcError('UNAUTHENTICATED', 'mfa_refused'));
  expect(statusAndCode(await ask(SEND, []))).toEqual([401, 'mfa_refused']);
});

it('answers with recovery codes where they are the first', async () => {
  const [, confirm] = CHANGES;
  if (!confirm) throw new Error('no route');
  expect(JSON.parse((await ask(confirm)).body)).toEqual({ recoveryCodes: RECOVERY_CODES });
  gateway.transports.auth.answer('confirmPhone', { recoveryCodes: [] });
  expect(JSON.parse((await ask(confirm)).body)).toEqual({});
});
