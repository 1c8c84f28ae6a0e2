import { RpcError } from '@sallyport/contracts';
import { DatabaseUnavailable } from '@sallyport/persistence';
import { startTestGateway, statusAndCode, type TestGateway } from '../gateway.fixture';

const AT = new Date('2026-11-26T10:00:00.123Z');
const EVENT = {
  ...{ reason: 'logged_in', title: 'Signed in', outcome: 'succeeded' as const, at: AT },
  ...{ from: '192.0.2.7', isByOperator: false, pageToken: 'A'.repeat(30) },
};

let gateway: TestGateway;
let credential: readonly [string, string];
beforeAll(async () => {
  gateway = await startTestGateway();
  credential = ['authorization', `Bearer ${gateway.mint.accessToken()}`];
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  gateway.ownEvents.asked.length = 0;
  gateway.ownEvents.failure = undefined;
  gateway.transports.auth.answer('listOwnEvents', { events: [EVENT], hasMore: true });
  gateway.transports.auth.answer('getPasswordState', { changedAt: AT });
  gateway.transports.auth.answer('listFactors', { factors: [], recoveryCodesLeft: 0 });
  gateway.transports.auth.answer('listSessions', { sessions: [] });
});

const ask = (path: string, headers = [credential]) => gateway.send({ path, headers });

describe('GET /auth/security/events refuses', () => {
  it.each(['?cursor=17', `?cursor=${'A'.repeat(30)}`, '?cursor=-'])('%s', async (query) => {
    const answer = await ask(`/auth/security/events${query}`);
    expect(statusAndCode(answer)).toEqual([400, 'page_token_invalid']);
    expect(gateway.ownEvents.asked).toEqual([]);
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it.each(['?limit=0', '?limit=51', '?principal=another'])('%s', async (query) => {
    const answer = await ask(`/auth/security/events${query}`);
    expect(statusAndCode(answer)).toEqual([400, 'validation_failed']);
  });

  it('with 503 while its database, or auth-service, is away', async () => {
    gateway.ownEvents.failure = new DatabaseUnavailable();
    const path = '/auth/security/events';
    expect(statusAndCode(await ask(path))).toEqual([503, 'service_unavailable']);
    gateway.ownEvents.failure = undefined;
    const unavailable = new RpcError('UNAVAILABLE', 'database_unavailable');
    gateway.transports.auth.fail('listOwnEvents', unavailable);
    expect(statusAndCode(await ask(path))).toEqual([503, 'service_unavailable']);
  });
});

describe('GET /auth/security', () => {
  it('tells how the account is secured, and what happened to it', async () => {
    const answer = await ask('/auth/security');
    expect(answer.status).toBe(200);
    const { pageToken, isByOperator: byOperator, ...told } = EVENT;
    expect(JSON.parse(answer.body)).toEqual({
      ...{ factors: [], recoveryCodesLeft: 0, sessions: [], passwordChangedAt: AT.toISOString() },
      recentEvents: {
        items: [{ ...told, at: AT.toISOString(), byOperator }],
        nextCursor: `-.${pageToken}`,
      },
    });
  });

  it('is for nobody without a session', async () => {
    expect(statusAndCode(await ask('/auth/security', []))).toEqual([401, 'credential_missing']);
    expect(gateway.upstreamCalls()).toEqual([]);
  });
});
