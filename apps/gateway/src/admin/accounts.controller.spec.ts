import { RpcError } from '@sallyport/contracts';
import { MFA_ACR } from '@sallyport/principal';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const json = { account: 'ada@example.com' };
const id = 'a5f2f4c0-0001-4000-8000-000000000001';

let gateway: TestGateway;
let credential: readonly [string, string];
beforeAll(async () => {
  gateway = await startTestGateway();
  const token = gateway.mint.accessToken({ payload: { scope: 'accounts:manage', acr: MFA_ACR } });
  credential = ['authorization', `Bearer ${token}`];
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  const { auth } = gateway.transports;
  auth.answer('lockAccount', { id, endedSessions: 2 });
  auth.answer('unlockAccount', { id });
  auth.answer('endAccountSessions', { id, endedSessions: 2 });
  auth.answer('deleteAccount', { id, endedSessions: 2 });
  auth.answer('revokeAccountApiKeys', { id, revokedKeys: 3 });
});

const OPERATORS = '/sallyport.auth.v1.OperatorService';
const ended = { id, endedSessions: 2 };

describe.each([
  ['lock', `${OPERATORS}/LockAccount`, 'lockAccount', ended],
  ['unlock', `${OPERATORS}/UnlockAccount`, 'unlockAccount', { id }],
  ['end-sessions', `${OPERATORS}/EndAccountSessions`, 'endAccountSessions', ended],
  ['delete', `${OPERATORS}/DeleteAccount`, 'deleteAccount', ended],
  [
    'revoke-api-keys',
    '/sallyport.apikeys.v1.ApiKeyService/RevokeAccountApiKeys',
    'revokeAccountApiKeys',
    { id, revoked: 3 },
  ],
] as const)('POST /admin/accounts/%s', (action, rpc, method, view) => {
  const ask = (sent: object = {}) =>
    gateway.send({
      method: 'POST',
      path: `/admin/accounts/${action}`,
      headers: [credential],
      json,
      ...sent,
    });

  it('is refused to nobody', async () => {
    const answer = await ask({ headers: [] });
    expectRefusal(gateway, answer, { status: 401, code: 'credential_missing' });
  });

  it.each([['orders:read orders:write'], ['keys:manage audit:read'], ['']])(
    'is refused with the scope "%s"',
    async (scope) => {
      const token = gateway.mint.accessToken({ payload: { scope } });
      const answer = await ask({ headers: [['authorization', `Bearer ${token}`]] });
      expectRefusal(gateway, answer, { status: 403, code: 'insufficient_scope' });
    },
  );

  it.each<[unknown, string]>([
    [undefined, ''],
    [{}, 'account'],
    [{ account: '' }, 'account'],
    [{ account: 'x'.repeat(321) }, 'account'],
    [{ account: [json.account] }, 'account'],
    [{ ...json, reason: 'a' }, 'reason'],
  ])('is refused with %j', async (body, path) => {
    const answer = await ask({ json: body });
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 400,
      code: 'validation_failed',
      violations: [{ path }],
    });
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it('finds no account that is none', async () => {
    gateway.transports.auth.fail(method, new RpcError('NOT_FOUND', 'account_not_found'));
    expect(statusAndCode(await ask())).toEqual([404, 'account_not_found']);
  });

  it('waits for what it depends on', async () => {
    gateway.transports.auth.fail(method, new RpcError('UNAVAILABLE', 'dependency_unavailable'));
    const answer = await ask();
    expect(statusAndCode(answer)).toEqual([503, 'service_unavailable']);
    expect(answer.headers['retry-after']).toBe('2');
  });

  it('is for operators', async () => {
    const answer = await ask();
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual(view);
    expect(gateway.upstreamCalls()).toMatchObject([{ path: rpc, request: json }]);
    expect(gateway.log.join('')).not.toContain(json.account);
    expect(gateway.events.all).toEqual([]);
  });
});
