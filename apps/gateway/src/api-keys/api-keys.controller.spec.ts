import { RpcError, type apiKeysV1 } from '@sallyport/contracts';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const SERVICE = '/sallyport.apikeys.v1.ApiKeyService';
const id = '0123456789abcdEF';
const presentedKey = `sp_${id}_${'s'.repeat(49)}`;

const apiKey: apiKeysV1.ApiKey = {
  id,
  name: 'nightly export',
  scopes: ['orders:read'],
  createdAt: new Date('2026-11-24T10:00:00.000Z'),
  expiresAt: new Date('2027-11-24T10:00:00.000Z'),
  revokedAt: undefined,
  current: {
    createdAt: new Date('2026-11-25T10:00:00.000Z'),
    lastUsedAt: undefined,
    validUntil: undefined,
  },
  previous: {
    createdAt: new Date('2026-11-24T10:00:00.000Z'),
    lastUsedAt: new Date('2026-11-25T09:55:00.000Z'),
    validUntil: new Date('2026-11-26T10:00:00.000Z'),
  },
  requestsPerMinute: 60,
};

const view = {
  id,
  name: 'nightly export',
  scopes: ['orders:read'],
  createdAt: '2026-11-24T10:00:00.000Z',
  expiresAt: '2027-11-24T10:00:00.000Z',
  revokedAt: null,
  requestsPerMinute: 60,
  current: { createdAt: '2026-11-25T10:00:00.000Z', lastUsedAt: null, validUntil: null },
  previous: {
    createdAt: '2026-11-24T10:00:00.000Z',
    lastUsedAt: '2026-11-25T09:55:00.000Z',
    validUntil: '2026-11-26T10:00:00.000Z',
  },
};

const wanted = { name: 'nightly export', scopes: ['orders:read'] };

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  const { auth } = gateway.transports;
  auth.answer('createApiKey', { apiKey, presentedKey });
  auth.answer('listApiKeys', { apiKeys: [apiKey] });
  auth.answer('rotateApiKey', { apiKey, presentedKey });
  auth.answer('revokeApiKey', {});
  auth.answer('revokeAllApiKeys', { revokedKeys: 2 });
});

const withToken = (payload: Readonly<Record<string, unknown>> = {}) =>
  [
    [
      'authorization',
      `Bearer ${gateway.mint.accessToken({ payload: { scope: 'api-keys:manage', ...payload } })}`,
    ],
  ] as const;

const operations = [
  ['POST', '/api-keys', 'createApiKey', 'CreateApiKey', wanted, 201],
  ['GET', '/api-keys', 'listApiKeys', 'ListApiKeys', undefined, 200],
  ['POST', `/api-keys/${id}/rotate`, 'rotateApiKey', 'RotateApiKey', {}, 200],
  ['DELETE', `/api-keys/${id}`, 'revokeApiKey', 'RevokeApiKey', undefined, 204],
  ['DELETE', '/api-keys', 'revokeAllApiKeys', 'RevokeAllApiKeys', undefined, 200],
] as const;

describe.each(operations)('%s %s', (method, path, name, rpc, json, status) => {
  const ask = (sent: object = {}) =>
    gateway.send({ method, path, json, headers: withToken(), ...sent });

  it('is refused to nobody', async () => {
    const answer = await ask({ headers: [] });
    expectRefusal(gateway, answer, { status: 401, code: 'credential_missing' });
  });

  it('is refused to a session without the scope', async () => {
    const answer = await ask({ headers: withToken({ scope: 'orders:read orders:write' }) });
    expectRefusal(gateway, answer, { status: 403, code: 'insufficient_scope' });
  });

  it.each([
    ['a token without a session', { sid: undefined }],
    ['a client that acts for itself', { sub: 'robot', client_id: 'robot' }],
  ])('is refused to %s', async (_name, payload) => {
    const answer = await ask({ headers: withToken(payload) });
    expectRefusal(gateway, answer, { status: 403, code: 'session_required' });
  });

  it('waits for auth-service', async () => {
    gateway.transports.auth.fail(name, new RpcError('UNAVAILABLE', 'dependency_unavailable'));
    expect(statusAndCode(await ask())).toEqual([503, 'service_unavailable']);
  });

  it('is done in the name of the user who is signed in', async () => {
    const answer = await ask();
    expect(answer.status).toBe(status);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(gateway.upstreamCalls()).toMatchObject([
      {
        path: `${SERVICE}/${rpc}`,
        options: {
          metadata: {
            'x-user-id': gateway.mint.claims['sub'],
            'x-session-id': gateway.mint.claims['sid'],
          },
        },
      },
    ]);
    expect(gateway.events.all).toEqual([]);
  });
});

describe('an API key is not made', () => {
  it.each<[unknown, string]>([
    [{ scopes: ['orders:read'] }, 'name'],
    [{ ...wanted, name: '' }, 'name'],
    [{ ...wanted, name: 'x'.repeat(101) }, 'name'],
    [{ name: 'a' }, 'scopes'],
    [{ ...wanted, scopes: [] }, 'scopes'],
    [{ ...wanted, scopes: 'orders:read' }, 'scopes'],
    [{ ...wanted, scopes: [''] }, 'scopes.0'],
    [{ ...wanted, expiresAt: 'tomorrow' }, 'expiresAt'],
    [{ ...wanted, expiresAt: '2030-01-01' }, 'expiresAt'],
    [{ ...wanted, expiresAt: 1_900_000_000 }, 'expiresAt'],
    [{ ...wanted, owner: 'somebody-else' }, 'owner'],
  ])('of %j', async (json, path) => {
    const answer = await gateway.send({
      method: 'POST',
      path: '/api-keys',
      headers: withToken(),
      json,
    });
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'validation_failed',
      violations: [{ path }],
    });
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it.each([
    ['PERMISSION_DENIED', 'scope_not_held', 403, 'scope_not_held'],
    ['PERMISSION_DENIED', 'session_required', 403, 'session_required'],
    ['UNAUTHENTICATED', 'session_ended', 401, 'session_ended'],
    ['PERMISSION_DENIED', 'caller_not_allowed', 502, 'upstream_refused'],
    ['RESOURCE_EXHAUSTED', 'too_many_api_keys', 429, 'too_many_api_keys'],
  ] as const)('when auth-service says %s %s', async (status, reason, httpStatus, code) => {
    gateway.transports.auth.fail('createApiKey', new RpcError(status, reason));
    const answer = await gateway.send({
      method: 'POST',
      path: '/api-keys',
      headers: withToken(),
      json: wanted,
    });
    expect(statusAndCode(answer)).toEqual([httpStatus, code]);
  });
});

describe('an API key', () => {
  const create = async (json: unknown) =>
    JSON.parse(
      (await gateway.send({ method: 'POST', path: '/api-keys', headers: withToken(), json })).body,
    );
  const rotate = (json: unknown) =>
    gateway.send({
      method: 'POST',
      path: `/api-keys/${id}/rotate`,
      headers: withToken(),
      json,
    });
  const requested = () => gateway.upstreamCalls().map(({ request }) => request);

  it('is shown whole when it is made, and in no log', async () => {
    const expiresAt = '2027-11-24T11:00:00+01:00';
    expect(await create({ ...wanted, expiresAt })).toEqual({ ...view, key: presentedKey });
    expect(requested()).toEqual([{ ...wanted, expiresAt: new Date('2027-11-24T10:00:00Z') }]);
    expect(gateway.log.join('')).not.toContain(presentedKey);
  });

  it('does not expire unless told to', async () => {
    await create(wanted);
    expect(requested()).toEqual([{ ...wanted, expiresAt: undefined }]);
  });

  it('is no answer without its secret', async () => {
    gateway.transports.auth.answer('createApiKey', { apiKey, presentedKey: '' });
    expect(await create(wanted)).toMatchObject({ status: 500, code: 'internal_error' });
  });

  it.each<[unknown, string]>([
    [{ overlapSeconds: -1 }, 'overlapSeconds'],
    [{ overlapSeconds: 2_592_001 }, 'overlapSeconds'],
    [{ overlapSeconds: 1.5 }, 'overlapSeconds'],
    [{ overlapSeconds: '60' }, 'overlapSeconds'],
    [{ overlap: 60 }, 'overlap'],
    [undefined, ''],
  ])('is not rotated with %j', async (json, path) => {
    const answer = await rotate(json);
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'validation_failed',
      violations: [{ path }],
    });
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it.each([
    [{}, 86_400],
    [{ overlapSeconds: 0 }, 0],
    [{ overlapSeconds: 2_592_000 }, 2_592_000],
  ])('is rotated with %j', async (json, overlapSeconds) => {
    const answer = await rotate(json);
    expect(JSON.parse(answer.body)).toEqual({ ...view, key: presentedKey });
    expect(requested()).toEqual([{ apiKeyId: id, overlapSeconds }]);
  });

  it.each([
    ['rotateApiKey', 'POST', `/api-keys/${id}/rotate`, {}],
    ['revokeApiKey', 'DELETE', `/api-keys/${id}`, undefined],
  ] as const)('of somebody else is not found by %s', async (name, method, path, json) => {
    gateway.transports.auth.fail(name, new RpcError('NOT_FOUND', 'api_key_not_found'));
    const answer = await gateway.send({ method, path, headers: withToken(), json });
    expect(statusAndCode(answer)).toEqual([404, 'api_key_not_found']);
  });

  it('is listed with what became of its secrets', async () => {
    const plain = {
      ...apiKey,
      expiresAt: undefined,
      revokedAt: new Date('2026-11-26T10:00:00.000Z'),
      previous: undefined,
      requestsPerMinute: 0,
    };
    gateway.transports.auth.answer('listApiKeys', { apiKeys: [apiKey, plain] });
    const answer = await gateway.send({ path: '/api-keys', headers: withToken() });
    expect(JSON.parse(answer.body)).toEqual({
      items: [
        view,
        {
          ...view,
          expiresAt: null,
          revokedAt: '2026-11-26T10:00:00.000Z',
          previous: null,
          requestsPerMinute: null,
        },
      ],
    });
  });

  it('ends with all others when its owner wants that', async () => {
    const answer = await gateway.send({
      method: 'DELETE',
      path: '/api-keys',
      headers: withToken(),
    });
    expect(JSON.parse(answer.body)).toEqual({ revoked: 2 });
  });
});
