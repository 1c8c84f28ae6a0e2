import { expectRefusal, startTestGateway, type TestGateway } from '../gateway.fixture';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
});

it('refuses to tell nobody who they are', async () => {
  const answer = await gateway.send({ path: '/auth/me' });
  expectRefusal(gateway, answer, { status: 401, code: 'credential_missing' });
});

it('reads the own account, with whatever scope', async () => {
  const account = { id: 'a', email: 'ada@example.com', scopes: ['orders:read'] };
  const createdAt = new Date('2026-11-24T10:00:00.000Z');
  gateway.transports.auth.answer('getAccount', { ...account, createdAt });
  const { sub, sid, acr, auth_time } = gateway.mint.claims;
  const token = gateway.mint.accessToken({ payload: { scope: '' } });
  const answer = await gateway.send({
    path: '/auth/me',
    headers: [['authorization', `Bearer ${token}`]],
  });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({
    ...account,
    createdAt: createdAt.toISOString(),
    session: { id: sid, acr, authenticatedAt: new Date(Number(auth_time) * 1000).toISOString() },
  });
  expect(gateway.upstreamCalls()[0]?.options.metadata).toMatchObject({
    'x-user-id': sub,
  });
});

it('is for the session the token names', async () => {
  const payload = { sid: undefined };
  const answer = await gateway.send({
    path: '/auth/me',
    headers: [['authorization', `Bearer ${gateway.mint.accessToken({ payload })}`]],
  });
  expectRefusal(gateway, answer, { status: 403, code: 'session_required' });
});

it('tells nothing of the session that the token does not say', async () => {
  const account = { id: 'a', email: 'ada@example.com', scopes: [], createdAt: new Date() };
  gateway.transports.auth.answer('getAccount', account);
  const payload = { acr: undefined, auth_time: undefined };
  const { body } = await gateway.send({
    path: '/auth/me',
    headers: [['authorization', `Bearer ${gateway.mint.accessToken({ payload })}`]],
  });
  expect(JSON.parse(body).session).toEqual({ id: gateway.mint.claims['sid'] });
});
