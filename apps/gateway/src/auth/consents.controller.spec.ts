import { RpcError, type authV1 } from '@sallyport/contracts';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const consent: authV1.Consent = {
  clientId: 'an-app',
  clientName: 'An app',
  scopes: ['openid', 'orders:read'],
  since: new Date('2026-11-24T10:00:00.000Z'),
  lastUsedAt: new Date('2026-11-24T11:00:00.000Z'),
};

let gateway: TestGateway;
const bearer = (clientId?: string): readonly [string, string] => {
  const payload = { scope: 'orders:read', ...(clientId !== undefined && { client_id: clientId }) };
  return ['authorization', `Bearer ${gateway.mint.accessToken({ payload })}`];
};
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  gateway.transports.auth.answer('listConsents', { consents: [consent] });
  gateway.transports.auth.answer('withdrawConsent', {});
});

describe.each([
  ['GET', '/auth/consents', 200],
  ['DELETE', '/auth/consents/an-app', 204],
] as const)('%s %s is refused', (method, path, status) => {
  it('to nobody', async () => {
    const refused = await gateway.send({ method, path });
    expectRefusal(gateway, refused, { status: 401, code: 'credential_missing' });
    gateway.reset();
    expect(await gateway.send({ method, path, headers: [bearer()] })).toMatchObject({ status });
  });

  it('to an OAuth client that acts for its owner', async () => {
    const refused = await gateway.send({ method, path, headers: [bearer('an-app')] });
    expectRefusal(gateway, refused, { status: 403, code: 'session_required' });
    gateway.reset();
    expect(await gateway.send({ method, path, headers: [bearer()] })).toMatchObject({ status });
  });
});

it('lists what was allowed', async () => {
  const { body } = await gateway.send({ path: '/auth/consents', headers: [bearer()] });
  expect(JSON.parse(body)).toEqual({
    items: [
      {
        ...{ clientId: 'an-app', clientName: 'An app', scopes: ['openid', 'orders:read'] },
        ...{ since: '2026-11-24T10:00:00.000Z', lastUsedAt: '2026-11-24T11:00:00.000Z' },
      },
    ],
  });
});

it('says when there is nothing to withdraw', async () => {
  gateway.transports.auth.fail('withdrawConsent', new RpcError('NOT_FOUND', 'consent_not_found'));
  const path = '/auth/consents/an-app';
  const answer = await gateway.send({ method: 'DELETE', path, headers: [bearer()] });
  expect(statusAndCode(answer)).toEqual([404, 'consent_not_found']);
});
