import { authV1, RpcError, type RpcStatus } from '@sallyport/contracts';
import { MFA_ACR } from '@sallyport/principal';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const { SigningKeyState } = authV1;
const SERVICE = '/sallyport.auth.v1.OperatorService';
const kid = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs';

const key: authV1.SigningKey = {
  kid,
  state: SigningKeyState.SIGNING_KEY_STATE_PREPARED,
  createdAt: new Date('2026-11-24T10:00:00.000Z'),
  activatedAt: undefined,
  retiredAt: undefined,
  verifiesUntil: undefined,
  taintedAt: undefined,
};
const view = {
  kid,
  state: 'prepared',
  createdAt: '2026-11-24T10:00:00.000Z',
  activatedAt: null,
  retiredAt: null,
  verifiesUntil: null,
  taintedAt: null,
};

let gateway: TestGateway;
let credential: readonly [string, string];
beforeAll(async () => {
  gateway = await startTestGateway();
  const token = gateway.mint.accessToken({ payload: { scope: 'keys:manage', acr: MFA_ACR } });
  credential = ['authorization', `Bearer ${token}`];
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  const { auth } = gateway.transports;
  auth.answer('listSigningKeys', { keys: [key] });
  auth.answer('prepareSigningKey', { key });
  auth.answer('activateSigningKey', { key });
  auth.answer('retireSigningKey', { key });
  auth.answer('taintSigningKey', { key, activeKey: key, endedSessions: 3 });
});

const operations: [string, string, unknown, number, string, object][] = [
  ['GET', '', undefined, 200, 'ListSigningKeys', {}],
  ['POST', '/prepare', undefined, 201, 'PrepareSigningKey', {}],
  ['POST', '/activate', undefined, 200, 'ActivateSigningKey', { immediately: false }],
  ['POST', '/activate', {}, 200, 'ActivateSigningKey', { immediately: false }],
  ['POST', '/activate', { immediately: true }, 200, 'ActivateSigningKey', { immediately: true }],
  ['POST', '/retire', { kid }, 200, 'RetireSigningKey', { kid }],
  ['POST', '/taint', { kid }, 200, 'TaintSigningKey', { kid }],
];

describe.each(operations)(
  '%s /admin/keys%s with %j',
  (method, path, json, status, rpc, request) => {
    const ask = (headers: readonly (readonly [string, string])[]) =>
      gateway.send({ method, path: `/admin/keys${path}`, json, headers });

    it('is refused to nobody', async () => {
      expectRefusal(gateway, await ask([]), { status: 401, code: 'credential_missing' });
    });

    it.each([
      ['orders:read orders:write'],
      ['accounts:manage audit:read'],
      ['keys:manage:x'],
      [''],
    ])('is refused with the scope "%s"', async (scope) => {
      const token = gateway.mint.accessToken({ payload: { scope } });
      const answer = await ask([['authorization', `Bearer ${token}`]]);
      expectRefusal(gateway, answer, { status: 403, code: 'insufficient_scope' });
    });

    it('is for operators', async () => {
      expect(await ask([credential])).toMatchObject({ status });
      expect(gateway.upstreamCalls()).toMatchObject([
        {
          path: `${SERVICE}/${rpc}`,
          request,
          options: {
            metadata: { 'x-user-id': gateway.mint.claims['sub'], 'x-user-scopes': 'keys:manage' },
          },
        },
      ]);
      expect(gateway.events.all).toEqual([]);
    });
  },
);

describe('an operation on signing keys is refused', () => {
  it.each<[string, unknown, string]>([
    ['activate', { immediately: 'yes' }, 'immediately'],
    ['activate', { kid }, 'kid'],
    ['retire', undefined, ''],
    ['retire', {}, 'kid'],
    ['retire', { kid: '' }, 'kid'],
    ['taint', { kid: 'x'.repeat(129) }, 'kid'],
    ['taint', { kid, immediately: true }, 'immediately'],
  ])('%s with %j', async (action, json, path) => {
    const answer = await gateway.send({
      method: 'POST',
      path: `/admin/keys/${action}`,
      json,
      headers: [credential],
    });
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 400,
      code: 'validation_failed',
      violations: [{ path }],
    });
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it.each<[string, 'prepareSigningKey' | 'activateSigningKey', RpcStatus, string, number, string]>([
    [
      'prepare',
      'prepareSigningKey',
      'FAILED_PRECONDITION',
      'signing_key_already_prepared',
      409,
      'signing_key_already_prepared',
    ],
    [
      'activate',
      'activateSigningKey',
      'FAILED_PRECONDITION',
      'no_signing_key_prepared',
      409,
      'no_signing_key_prepared',
    ],
    [
      'activate',
      'activateSigningKey',
      'FAILED_PRECONDITION',
      'signing_key_published_too_recently',
      409,
      'signing_key_published_too_recently',
    ],
    [
      'activate',
      'activateSigningKey',
      'UNAVAILABLE',
      'dependency_unavailable',
      503,
      'service_unavailable',
    ],
  ])(
    '%s, when auth-service says so: %s %s %s',
    async (action, rpc, rpcStatus, reason, status, code) => {
      gateway.transports.auth.fail(rpc, new RpcError(rpcStatus, reason));
      const path = `/admin/keys/${action}`;
      const answer = await gateway.send({ method: 'POST', path, headers: [credential] });
      expect(statusAndCode(answer)).toEqual([status, code]);
    },
  );

  it.each<['retire' | 'taint', RpcStatus, string, number]>([
    ['retire', 'NOT_FOUND', 'signing_key_not_found', 404],
    ['retire', 'FAILED_PRECONDITION', 'signing_key_active', 409],
    ['retire', 'FAILED_PRECONDITION', 'signing_key_tainted', 409],
    ['taint', 'NOT_FOUND', 'signing_key_not_found', 404],
  ])('%s, when auth-service says %s %s', async (action, rpcStatus, reason, status) => {
    gateway.transports.auth.fail(`${action}SigningKey`, new RpcError(rpcStatus, reason));
    const path = `/admin/keys/${action}`;
    const answer = await gateway.send({
      method: 'POST',
      path,
      json: { kid },
      headers: [credential],
    });
    expect(statusAndCode(answer)).toEqual([status, reason]);
  });

  it('or is no answer, when a key is in a state nobody knows', async () => {
    const unknown = { ...key, state: SigningKeyState.UNRECOGNIZED };
    gateway.transports.auth.answer('listSigningKeys', { keys: [unknown] });
    const answer = await gateway.send({ path: '/admin/keys', headers: [credential] });
    expect(statusAndCode(answer)).toEqual([500, 'internal_error']);
  });
});

describe('a signing key', () => {
  const at = new Date('2026-11-25T10:00:00.000Z');
  it.each<[Partial<authV1.SigningKey>, object]>([
    [{}, {}],
    [
      { state: SigningKeyState.SIGNING_KEY_STATE_ACTIVE, activatedAt: at },
      { state: 'active', activatedAt: at.toISOString() },
    ],
    [
      { state: SigningKeyState.SIGNING_KEY_STATE_RETIRED, retiredAt: at, verifiesUntil: at },
      { state: 'retired', retiredAt: at.toISOString(), verifiesUntil: at.toISOString() },
    ],
    [
      { state: SigningKeyState.SIGNING_KEY_STATE_TAINTED, taintedAt: at },
      { state: 'tainted', taintedAt: at.toISOString() },
    ],
  ])('with %j is listed as %j', async (changes, expected) => {
    gateway.transports.auth.answer('listSigningKeys', { keys: [{ ...key, ...changes }] });
    const { body } = await gateway.send({ path: '/admin/keys', headers: [credential] });
    expect(JSON.parse(body)).toEqual({ items: [{ ...view, ...expected }] });
  });

  it('is shown when it is prepared', async () => {
    const path = '/admin/keys/prepare';
    const { body } = await gateway.send({ method: 'POST', path, headers: [credential] });
    expect(JSON.parse(body)).toEqual(view);
  });

  it('is tainted, and another one signs', async () => {
    const active = {
      ...key,
      kid: 'other',
      state: SigningKeyState.SIGNING_KEY_STATE_ACTIVE,
    };
    gateway.transports.auth.answer('taintSigningKey', {
      key: { ...key, state: SigningKeyState.SIGNING_KEY_STATE_TAINTED },
      activeKey: active,
      endedSessions: 3,
    });
    const path = '/admin/keys/taint';
    const json = { kid };
    const { body } = await gateway.send({ method: 'POST', path, json, headers: [credential] });
    expect(JSON.parse(body)).toEqual({
      key: { ...view, state: 'tainted' },
      activeKey: { ...view, kid: 'other', state: 'active' },
      endedSessions: 3,
    });
  });
});
