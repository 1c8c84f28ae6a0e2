import { RpcError, type authV1 } from '@sallyport/contracts';
import {
  expectRefusal,
  PUBLIC_URL,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const SERVICE = '/sallyport.auth.v1.AuthService';
const CLEARED =
  '__Secure-sallyport-refresh=; Max-Age=0; Path=/auth; HttpOnly; Secure; SameSite=Strict';
const id = 'a5f2f4c0-0002-4000-8000-000000000002';

const session: authV1.Session = {
  id,
  createdAt: new Date('2026-11-24T10:00:00.000Z'),
  lastUsedAt: new Date('2026-11-24T11:00:00.000Z'),
  expiresAt: new Date('2026-12-01T10:00:00.000Z'),
  clientAddress: '192.0.2.1',
  userAgent: 'curl/8.5.0',
  isCurrent: true,
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
  auth.answer('listSessions', { sessions: [session] });
  auth.answer('endSession', {});
  auth.answer('endOtherSessions', { endedSessions: 2 });
  auth.answer('endAllSessions', { endedSessions: 3 });
});

const operations = [
  ['GET', '/auth/sessions', 200],
  ['DELETE', `/auth/sessions/${id}`, 204],
  ['DELETE', '/auth/sessions', 200],
  ['POST', '/auth/logout-all', 200],
] as const;

describe.each(operations)('%s %s is refused', (method, path, status) => {
  it('to nobody, and open to a user of whatever scope', async () => {
    const refused = await gateway.send({ method, path });
    expectRefusal(gateway, refused, { status: 401, code: 'credential_missing' });
    expect(refused.headers['set-cookie']).toBeUndefined();
    gateway.reset();
    expect(await gateway.send({ method, path, headers: [credential] })).toMatchObject({ status });
    expect(gateway.events.all).toEqual([]);
  });

  it('to the refresh cookie alone', async () => {
    const headers = [['cookie', `__Secure-sallyport-refresh=${'r'.repeat(43)}`]] as const;
    const answer = await gateway.send({ method, path, headers });
    expectRefusal(gateway, answer, { status: 401, code: 'credential_missing' });
  });

  it('while auth-service cannot record it', async () => {
    const { auth } = gateway.transports;
    for (const name of [
      'listSessions',
      'endSession',
      'endOtherSessions',
      'endAllSessions',
    ] as const)
      auth.fail(name, new RpcError('UNAVAILABLE', 'dependency_unavailable'));
    const answer = await gateway.send({ method, path, headers: [credential] });
    expect(statusAndCode(answer)).toEqual([503, 'service_unavailable']);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});

describe('the list of sessions', () => {
  const list = async () =>
    JSON.parse((await gateway.send({ path: '/auth/sessions', headers: [credential] })).body);

  it('tells what is known of each', async () => {
    const other = { ...session, clientAddress: '', userAgent: '', isCurrent: false };
    gateway.transports.auth.answer('listSessions', { sessions: [session, other] });
    const view = {
      id,
      createdAt: '2026-11-24T10:00:00.000Z',
      lastUsedAt: '2026-11-24T11:00:00.000Z',
      expiresAt: '2026-12-01T10:00:00.000Z',
      clientAddress: '192.0.2.1',
      userAgent: 'curl/8.5.0',
    };
    expect(await list()).toEqual({
      items: [
        { ...view, current: true },
        { ...view, clientAddress: null, userAgent: null, current: false },
      ],
    });
    expect(gateway.upstreamCalls()).toMatchObject([
      {
        path: `${SERVICE}/ListSessions`,
        request: {},
        options: { metadata: { 'x-user-id': gateway.mint.claims['sub'], 'x-session-id': id } },
      },
    ]);
  });

  it('is no answer when a time is missing', async () => {
    gateway.transports.auth.answer('listSessions', {
      sessions: [{ ...session, lastUsedAt: undefined }],
    });
    expect(await list()).toMatchObject({ status: 500, code: 'internal_error' });
  });
});

describe('a session', () => {
  it('of somebody else, or that is none, does not end', async () => {
    gateway.transports.auth.fail('endSession', new RpcError('NOT_FOUND', 'session_not_found'));
    const answer = await gateway.send({
      method: 'DELETE',
      path: '/auth/sessions/nonsense',
      headers: [credential],
    });
    expect(statusAndCode(answer)).toEqual([404, 'session_not_found']);
  });

  it('ends by its id', async () => {
    const path = `/auth/sessions/${id}`;
    const answer = await gateway.send({ method: 'DELETE', path, headers: [credential] });
    expect(answer).toMatchObject({ status: 204, body: '' });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(gateway.upstreamCalls()).toMatchObject([
      { path: `${SERVICE}/EndSession`, request: { sessionId: id } },
    ]);
  });
});

it('all other sessions end, and the cookie stays', async () => {
  const answer = await gateway.send({
    method: 'DELETE',
    path: '/auth/sessions',
    headers: [credential],
  });
  expect(JSON.parse(answer.body)).toEqual({ endedSessions: 2 });
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(gateway.upstreamCalls()).toMatchObject([{ path: `${SERVICE}/EndOtherSessions` }]);
});

describe('all sessions', () => {
  const logOutAll = (...headers: (readonly [string, string])[]) =>
    gateway.send({ method: 'POST', path: '/auth/logout-all', headers: [credential, ...headers] });

  it.each([
    ['origin', 'https://evil.example'],
    ['sec-fetch-site', 'cross-site'],
  ])('do not end because another site wants it: %s', async (name, value) => {
    const answer = await logOutAll([name, value]);
    expectRefusal(gateway, answer, { status: 403, code: 'cross_site_request' });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('end, and the cookie goes', async () => {
    const answer = await logOutAll(['origin', PUBLIC_URL], ['cookie', 'a=b']);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ endedSessions: 3 });
    expect(answer.headers['set-cookie']).toEqual([CLEARED]);
    expect(gateway.upstreamCalls()).toMatchObject([{ path: `${SERVICE}/EndAllSessions` }]);
  });
});
