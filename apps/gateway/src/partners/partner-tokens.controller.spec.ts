import { RpcError } from '@sallyport/contracts';
import { FakePartnerCa, type FakePartnerCertificate } from '@sallyport/testing';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const FORM = ['content-type', 'application/x-www-form-urlencoded'] as const;
const sent = { method: 'POST', path: '/oauth2/token', headers: [FORM] };
const GRANT = 'grant_type=client_credentials';

let gateway: TestGateway;
let acme: FakePartnerCertificate;
beforeAll(async () => {
  const ca = await FakePartnerCa.create();
  acme = await ca.issue();
  gateway = await startTestGateway({ partnerCa: ca });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  gateway.transports.auth.answer('resolvePartner', {
    ...{ partnerId: 'acme', scopes: ['orders:read'], requestsPerMinute: 0 },
  });
  gateway.transports.auth.answer('issuePartnerToken', {
    ...{ accessToken: 'a.b.c', expiresIn: 900, scope: 'orders:read', expiresAt: new Date() },
  });
  await gateway.sendAs(acme, { path: '/auth/me' });
  gateway.reset();
});

const ask = (body: string) => gateway.sendAs(acme, { ...sent, body });

describe('a token request is refused', () => {
  it.each<[string, string, string]>([
    ['without anything', '', 'invalid_request'],
    ['without a grant type', 'scope=orders:read', 'invalid_request'],
    ['with an empty grant type', 'grant_type=', 'invalid_request'],
    ['with two grant types', `${GRANT}&${GRANT}`, 'invalid_request'],
    ['with two scopes', `${GRANT}&scope=a&scope=b`, 'invalid_request'],
    ['with a secret beside the certificate', `${GRANT}&client_secret=a`, 'invalid_request'],
    ['with an assertion beside it', `${GRANT}&client_assertion=a`, 'invalid_request'],
    ['for a password', 'grant_type=password&username=a', 'unsupported_grant_type'],
    ['for a code', 'grant_type=authorization_code&code=a', 'unsupported_grant_type'],
    ['for a scope that is none', `${GRANT}&scope=a%22b`, 'invalid_scope'],
    ['for another client', `${GRANT}&client_id=beta`, 'invalid_client'],
  ])('%s', async (_name, body, error) => {
    const status = error === 'invalid_client' ? 401 : 400;
    expectRefusal(gateway, await ask(body), { status, code: error, extensions: { error } });
  });

  it('as JSON', async () => {
    const json = { grant_type: 'client_credentials' };
    const { status, body } = await gateway.sendAs(acme, { ...sent, headers: [], json });
    expect([status, JSON.parse(body)]).toMatchObject([400, { error: 'invalid_request' }]);
  });

  it.each<[RpcError, number, string]>([
    [new RpcError('PERMISSION_DENIED', 'invalid_scope'), 400, 'invalid_scope'],
    [new RpcError('INVALID_ARGUMENT', 'invalid_scope'), 400, 'invalid_scope'],
    [new RpcError('UNAUTHENTICATED', 'partner_disabled'), 401, 'invalid_client'],
    [new RpcError('UNAUTHENTICATED', 'certificate_revoked'), 401, 'invalid_client'],
  ])('by auth-service: %s', async (error, status, code) => {
    gateway.transports.auth.fail('issuePartnerToken', error);
    const { body, ...answer } = await ask(GRANT);
    expect([answer.status, JSON.parse(body)]).toMatchObject([status, { error: code, code }]);
  });

  it('when it is this gateway that auth-service refuses', async () => {
    const error = new RpcError('PERMISSION_DENIED', 'caller_not_allowed');
    gateway.transports.auth.fail('issuePartnerToken', error);
    expect(statusAndCode(await ask(GRANT))).toEqual([502, 'upstream_refused']);
  });

  it('is not answered here on the public listener, where it is the authorization server’s', async () => {
    const answer = await gateway.send({ ...sent, body: GRANT });
    expect(statusAndCode(answer)).toEqual([503, 'dependency_unavailable']);
    expect(gateway.transports.auth.calls).toEqual([]);
  });

  it('with 405 for another method on the partner listener', async () => {
    const answer = await gateway.sendAs(acme, { path: '/oauth2/token' });
    expectRefusal(gateway, answer, { status: 405, code: 'method_not_allowed' });
  });
});

describe('a token request is answered', () => {
  it.each<[string, string, string]>([
    ['for all there is', GRANT, ''],
    ['for an empty scope', `${GRANT}&scope=`, ''],
    ['for a scope', `${GRANT}&scope=orders:read`, 'orders:read'],
    ['with its own client id, and more', `${GRANT}&client_id=acme&resource=x`, ''],
  ])('%s', async (_name, body, scope) => {
    const answer = await ask(body);
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'content-type': expect.stringMatching(/^application\/json/),
        'cache-control': 'no-store',
        pragma: 'no-cache',
      },
    });
    expect(JSON.parse(answer.body)).toEqual({
      ...{ access_token: 'a.b.c', token_type: 'Bearer', expires_in: 900, scope: 'orders:read' },
    });
    const call = gateway.transports.auth.calls.find(({ path }) => path.endsWith('Token'));
    expect(call).toMatchObject({
      request: { certificate: { thumbprint: acme.thumbprint }, scope },
    });
    expect(Object.keys(call?.options.metadata ?? {})).toEqual([
      'x-correlation-id',
      'x-client-address',
    ]);
  });

  it('until the certificate is revoked', async () => {
    gateway.revocations.revoke('certificate', acme.thumbprint);
    expectRefusal(gateway, await ask(GRANT), {
      ...{ status: 401, code: 'invalid_client', reason: 'certificate_revoked' },
      extensions: { error: 'invalid_client' },
    });
  });
});
