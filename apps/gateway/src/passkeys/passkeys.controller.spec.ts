import { RpcError, type RpcStatus } from '@sallyport/contracts';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const PASSKEY = {
  id: '3f0e0b7a-5d2c-4a53-9f0e-0b7a5d2c4a53',
  name: 'the blue key',
  authenticator: undefined,
  synced: false,
  backedUp: false,
  createdAt: new Date(0),
  lastUsedAt: undefined,
  suspectedClone: false,
};
const VIEW = {
  id: PASSKEY.id,
  name: 'the blue key',
  synced: false,
  backedUp: false,
  createdAt: '1970-01-01T00:00:00.000Z',
  suspectedClone: false,
};
const SIGNATURE = 'c2lnbmF0dXJlIG9mIGEgcGFzc2tleQ';
const MFA_TOKEN = 'm'.repeat(43);
const RECOVERY_CODES = ['K7QD-92MX-4TRA'];
const OPTIONS = { options: '{"challenge":"AAAA"}', expiresIn: 300 };

const ID = { id: 'AAAA', rawId: 'AAAA', type: 'public-key' };
const CREATED = { ...ID, response: { clientDataJSON: 'AAAA', attestationObject: 'AAAA' } };
const SIGNED = { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: SIGNATURE };
const ASSERTION = { ...ID, response: SIGNED };

const tokens = {
  accessToken: 'a.b.c',
  expiresIn: 900,
  scope: '',
  refreshToken: 'n'.repeat(43),
  sessionExpiresAt: new Date(Date.now() + 3_600_000),
  deviceTokens: '',
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
  const { auth } = gateway.transports;
  auth.answer('beginEnrolment', OPTIONS);
  auth.answer('enrol', { passkey: PASSKEY, recoveryCodes: RECOVERY_CODES });
  auth.answer('listPasskeys', { passkeys: [PASSKEY] });
  auth.answer('renamePasskey', { passkey: PASSKEY });
  auth.answer('removePasskey', {});
  auth.answer('beginLogin', OPTIONS);
  auth.answer('beginSecondFactor', OPTIONS);
  auth.answer('beginStepUp', OPTIONS);
  auth.answer('stepUpByPasskey', tokens);
  auth.answer('loginByPasskey', { tokens });
  auth.answer('completeLogin', { tokens });
});
afterEach(() => {
  const traces = [...gateway.log, JSON.stringify(gateway.events.all)].join('');
  for (const secret of [SIGNATURE, MFA_TOKEN, ...RECOVERY_CODES]) {
    expect(traces).not.toContain(secret);
  }
});

type Route = readonly [method: string, path: string, json: object | undefined];

const OWN: readonly Route[] = [
  ['GET', '/auth/passkeys', undefined],
  ['POST', '/auth/passkeys/options', undefined],
  ['POST', '/auth/passkeys', { credential: CREATED }],
  ['PATCH', `/auth/passkeys/${PASSKEY.id}`, { name: 'mine' }],
  ['DELETE', `/auth/passkeys/${PASSKEY.id}`, undefined],
  ['POST', '/auth/step-up/passkey/options', undefined],
  ['POST', '/auth/step-up/passkey', { credential: ASSERTION }],
];
const LOGIN: Route = ['POST', '/auth/passkeys/login', { credential: ASSERTION }];
const VERIFICATION = { mfaToken: MFA_TOKEN, method: 'passkey', credential: ASSERTION };
const ANYBODYS: readonly Route[] = [
  ['POST', '/auth/passkeys/login/options', undefined],
  LOGIN,
  ['POST', '/auth/mfa/passkey/options', { mfaToken: MFA_TOKEN }],
  ['POST', '/auth/mfa/verify', VERIFICATION],
];

const ask = (
  [method, path, json]: Route,
  headers: readonly (readonly [string, string])[] = [credential],
) => gateway.send({ method, path, headers, ...(json && { json }) });

describe.each(OWN)('%s %s', (...route) => {
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
    expect([200, 201, 204]).toContain(answer.status);
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe.each([...OWN.slice(1), ...ANYBODYS])('%s %s', (...route) => {
  it('is not asked by a page of another origin', async () => {
    const answer = await ask(route, [['origin', 'https://evil.example']]);
    expect([401, 403]).toContain(answer.status);
    expect(gateway.upstreamCalls()).toEqual([]);
  });
});

describe('a request is refused', () => {
  const response = { ...SIGNED, userHandle: 'A'.repeat(129) };
  it.each<[string, string, unknown, string]>([
    ['without a credential', LOGIN[1], {}, 'credential'],
    ['with text for a credential', LOGIN[1], { credential: 'AAAA' }, 'credential'],
    ['of another type', LOGIN[1], { credential: { ...ASSERTION, type: 'a' } }, 'credential.type'],
    [
      'with a handle without end',
      LOGIN[1],
      { credential: { ...ASSERTION, response } },
      'credential.response.userHandle',
    ],
    [
      'that is no base64url',
      LOGIN[1],
      { credential: { ...ASSERTION, rawId: 'AA==' } },
      'credential.rawId',
    ],
    ['for somebody', LOGIN[1], { credential: ASSERTION, email: 'a' }, 'email'],
    [
      'with a code for a passkey',
      '/auth/mfa/verify',
      { mfaToken: MFA_TOKEN, method: 'passkey', code: '123456' },
      'credential',
    ],
    [
      'with a code beside a passkey',
      '/auth/mfa/verify',
      { ...VERIFICATION, code: '123456' },
      'code',
    ],
    [
      'with a passkey for a code',
      '/auth/mfa/verify',
      { ...VERIFICATION, method: 'totp', code: '123456' },
      'credential',
    ],
  ])('%s', async (_name, path, json, at) => {
    const answer = await gateway.send({ method: 'POST', path, json });
    const body = JSON.parse(answer.body) as { readonly violations: { readonly path: string }[] };
    expect(body).toMatchObject({ code: 'validation_failed' });
    expect(body.violations.map((violation) => violation.path)).toContain(at);
    expect(gateway.upstreamCalls()).toEqual([]);
  });
});

it.each<
  [
    'loginByPasskey' | 'stepUpByPasskey' | 'enrol' | 'removePasskey',
    string,
    RpcStatus,
    Route,
    number,
  ]
>([
  ['loginByPasskey', 'mfa_refused', 'UNAUTHENTICATED', LOGIN, 401],
  ['loginByPasskey', 'too_many_attempts', 'RESOURCE_EXHAUSTED', LOGIN, 429],
  ['stepUpByPasskey', 'mfa_refused', 'UNAUTHENTICATED', OWN[6] ?? LOGIN, 401],
  ['stepUpByPasskey', 'session_ended', 'UNAUTHENTICATED', OWN[6] ?? LOGIN, 401],
  ['stepUpByPasskey', 'too_many_attempts', 'RESOURCE_EXHAUSTED', OWN[6] ?? LOGIN, 429],
  ['enrol', 'mfa_refused', 'UNAUTHENTICATED', ['POST', OWN[2]?.[1] ?? '', OWN[2]?.[2]], 401],
  [
    'enrol',
    'too_many_passkeys',
    'FAILED_PRECONDITION',
    ['POST', OWN[2]?.[1] ?? '', OWN[2]?.[2]],
    409,
  ],
  ['removePasskey', 'factor_not_found', 'NOT_FOUND', ['DELETE', OWN[4]?.[1] ?? '', {}], 404],
  [
    'removePasskey',
    'password_required',
    'FAILED_PRECONDITION',
    ['DELETE', OWN[4]?.[1] ?? '', {}],
    409,
  ],
])('passes on that %s says %s', async (rpc, reason, rpcStatus, route, status) => {
  gateway.transports.auth.fail(rpc, new RpcError(rpcStatus, reason));
  const answer = await ask(route);
  expect(statusAndCode(answer)).toEqual([status, reason]);
  expect(answer.headers['set-cookie']).toBeUndefined();
});

it('shows passkeys, and the codes that come with the first', async () => {
  const [list, , enrol] = OWN;
  expect(list && JSON.parse((await ask(list)).body)).toEqual({ passkeys: [VIEW] });
  const enrolled = { passkey: VIEW, recoveryCodes: RECOVERY_CODES };
  expect(enrol && JSON.parse((await ask(enrol)).body)).toEqual(enrolled);
});

it('hands on what browsers are to be asked, as JSON', async () => {
  for (const route of [OWN[1], ANYBODYS[0], ANYBODYS[2]]) {
    const answer =
      route && JSON.parse((await ask(route, route === OWN[1] ? [credential] : [])).body);
    expect(answer).toEqual({ options: { challenge: 'AAAA' }, expiresIn: 300 });
  }
});

it('answers a step-up with an access token, and leaves the cookie as it is', async () => {
  const route: Route = ['POST', '/auth/step-up/passkey', { credential: ASSERTION }];
  const answer = await ask(route);
  expect(JSON.parse(answer.body)).toMatchObject({ access_token: 'a.b.c', token_type: 'Bearer' });
  expect(answer.headers['set-cookie']).toBeUndefined();
  const [call] = gateway.upstreamCalls();
  expect(call?.path).toBe('/sallyport.passkeys.v1.PasskeyService/StepUpByPasskey');
  const { credential: sent } = call?.request as Readonly<Record<string, string>>;
  expect(JSON.parse(sent ?? '')).toEqual(ASSERTION);
});

it.each([
  ['alone', LOGIN, '/sallyport.passkeys.v1.PasskeyService/LoginByPasskey', 'credential'],
  [
    'after the password',
    ['POST', '/auth/mfa/verify', VERIFICATION] as Route,
    '/sallyport.mfa.v1.MfaService/CompleteLogin',
    'code',
  ],
])('opens a session by a passkey %s', async (_name, route, path, member) => {
  const answer = await ask(route, []);
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({ access_token: 'a.b.c', token_type: 'Bearer' });
  expect(answer.headers['set-cookie']).toEqual([
    expect.stringMatching(/^__Secure-sallyport-refresh=n{43};/),
  ]);
  const [call] = gateway.upstreamCalls();
  expect(call?.path).toBe(path);
  const { [member]: sent } = call?.request as Readonly<Record<string, string>>;
  expect(JSON.parse(sent ?? '')).toEqual(ASSERTION);
});

it('makes the device known that somebody signs in on', async () => {
  const deviceTokens = 'd'.repeat(43);
  gateway.transports.auth.answer('loginByPasskey', { tokens: { ...tokens, deviceTokens } });
  const answer = await ask(LOGIN, [['cookie', `__Host-sallyport-device=${'o'.repeat(43)}`]]);
  expect(gateway.upstreamCalls()[0]?.request).toMatchObject({ deviceTokens: 'o'.repeat(43) });
  expect(answer.headers['set-cookie']).toContainEqual(
    expect.stringMatching(`^__Host-sallyport-device=${deviceTokens};`),
  );
});
