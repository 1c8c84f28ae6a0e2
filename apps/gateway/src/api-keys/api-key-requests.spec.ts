import { mintApiKey } from '@sallyport/api-keys';
import { RpcError } from '@sallyport/contracts';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  wireOrder,
  type TestGateway,
} from '../gateway.fixture';

const path = '/orders/0b0e8d0c-6a55-4c3f-8a4f-6a2f4a3f6c1d';
const accountId = 'a5f2f4c0-0001-4000-8000-000000000001';

let gateway: TestGateway;
let key: ReturnType<typeof mintApiKey>;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  key = mintApiKey();
  gateway.transports.orders.answer('getOrder', { order: wireOrder() });
  accepts(['orders:read']);
});

const accepts = (scopes: string[]) => {
  const answer = { accountId, scopes, validUntil: undefined, requestsPerMinute: 0 };
  gateway.transports.auth.answer('resolveApiKey', answer);
};
const ask = (presentedKey: string, sent: object = {}) =>
  gateway.send({ path, headers: [['x-api-key', presentedKey]], ...sent });

describe('a request with an API key', () => {
  it('is refused alike, whatever the reason is', async () => {
    const refusals = new Map<string, () => Promise<string>>([
      ['malformed', () => Promise.resolve(key.presentedKey.toLowerCase())],
      [
        'revoked',
        () => {
          gateway.revocations.revoke('api_key', key.id);
          return Promise.resolve(key.presentedKey);
        },
      ],
      [
        'unknown to auth-service',
        () => {
          const error = new RpcError('UNAUTHENTICATED', 'invalid_api_key');
          gateway.transports.auth.fail('resolveApiKey', error);
          return Promise.resolve(mintApiKey().presentedKey);
        },
      ],
    ]);
    const looks = new Set<string>();
    for (const present of refusals.values()) {
      const { status, headers, body } = await ask(await present());
      // What is left of the quota differs from one to the next.
      const { 'x-correlation-id': id, date, ratelimit, ...rest } = headers;
      expect([date, ratelimit]).not.toContain(undefined);
      looks.add(JSON.stringify({ status, rest, body: body.replace(String(id), '') }));
    }
    expect([...looks]).toHaveLength(1);
    expect([...looks][0]).toContain('"www-authenticate":"Bearer realm=\\"sallyport\\""');
    expect([...looks][0]).toContain('invalid_api_key');
  });

  it('is refused with one event that names the key, and not its secret', async () => {
    gateway.revocations.revoke('api_key', key.id);
    const answer = await ask(key.presentedKey);
    const code = 'invalid_api_key';
    expectRefusal(gateway, answer, { status: 401, code, reason: 'api_key_revoked' });
    expect(gateway.events.all).toMatchObject([{ apiKeyId: key.id, target: 'GET /orders/:id' }]);
    const traces = JSON.stringify(gateway.events.all) + gateway.log.join('') + answer.body;
    expect(traces).not.toContain(key.presentedKey.slice(20));
  });

  it('is refused without the scope the route needs', async () => {
    accepts(['orders:write']);
    const answer = await ask(key.presentedKey);
    expect(statusAndCode(answer)).toEqual([403, 'insufficient_scope']);
    expect(gateway.events.refusals).toEqual(['insufficient_scope']);
    expect(gateway.transports.orders.calls).toEqual([]);
  });

  it('waits when it is not known what was revoked, or what it stands for', async () => {
    gateway.revocations.isCurrent = false;
    const unknown = await ask(key.presentedKey);
    gateway.revocations.isCurrent = true;
    gateway.transports.auth.fail('resolveApiKey', new RpcError('UNAVAILABLE', 'away'));
    const unresolved = await ask(key.presentedKey);
    for (const answer of [unknown, unresolved]) {
      expect(statusAndCode(answer)).toEqual([503, 'authentication_unavailable']);
      expect(answer.headers['retry-after']).toBe('2');
    }
    expect(gateway.events.refusals).toEqual(['revocation_unknown', 'api_key_unresolved']);
  });

  it.each([
    ['GET', '/auth/me'],
    ['GET', '/auth/sessions'],
    ['DELETE', '/auth/sessions'],
    ['DELETE', '/auth/sessions/1'],
    ['POST', '/auth/logout-all'],
    ['POST', '/auth/password'],
    ['GET', '/api-keys'],
    ['POST', '/api-keys'],
    ['POST', '/api-keys/1/rotate'],
    ['DELETE', '/api-keys/1'],
    ['DELETE', '/api-keys'],
  ])('is refused at %s %s, whatever scopes the key has', async (method, sessionPath) => {
    accepts(['api-keys:manage', 'accounts:manage', 'orders:read']);
    const answer = await ask(key.presentedKey, { method, path: sessionPath });
    expect(statusAndCode(answer)).toEqual([403, 'session_required']);
    expect(gateway.events.refusals).toEqual(['session_required']);
    expect(gateway.upstreamCalls()).toMatchObject([
      { path: '/sallyport.apikeys.v1.ApiKeyService/ResolveApiKey' },
    ]);
  });

  it.each([
    ['beside an access token', 'authorization', 'Bearer '],
    ['beside itself', 'x-api-key', 'sp_'],
  ])('is refused %s', async (_name, name, value) => {
    const headers = [['x-api-key', key.presentedKey] as const, [name, `${value}a.b.c`] as const];
    const answer = await gateway.send({ path, headers });
    expectRefusal(gateway, answer, { status: 400, code: 'multiple_credentials' });
  });

  it('passes, in the name of the account it acts for', async () => {
    expect((await ask(key.presentedKey)).status).toBe(200);
    expect((await ask(key.presentedKey)).status).toBe(200);
    const [resolved, ...reads] = gateway.upstreamCalls();
    expect(resolved?.request).toEqual({ apiKeyId: key.id, secretHash: key.secretHash });
    expect(reads).toHaveLength(2);
    for (const { options } of reads) {
      const { 'txn-token': token, ...metadata } = options.metadata ?? {};
      expect(token).toBeDefined();
      expect(metadata).toEqual({
        'x-user-id': accountId,
        'x-user-scopes': 'orders:read',
        'x-principal-type': 'user',
        'x-client-id': `api-key:${key.id}`,
        'x-client-address': '127.0.0.1',
        'x-correlation-id': expect.any(String),
      });
    }
    expect(gateway.events.all).toEqual([]);
    expect(gateway.handled).toMatchObject([{ principal: accountId }, { principal: accountId }]);
  });

  it('is not looked at on a public route', async () => {
    gateway.transports.orders.answer('listProducts', { products: [] });
    expect((await ask('sp_nonsense', { path: '/products' })).status).toBe(200);
    expect(gateway.transports.auth.calls).toEqual([]);
  });
});
