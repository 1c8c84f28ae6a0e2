import { X509Certificate } from 'node:crypto';
import { RpcError } from '@sallyport/contracts';
import { encodeClientCertificate } from '@sallyport/principal';
import { FakeClock, FakePartnerCa, type FakePartnerCertificate } from '@sallyport/testing';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  wireOrder,
  type Sent,
  type TestGateway,
} from '../gateway.fixture';
import type { ForwardedRequest } from '../oauth/authorization-server';

const FORM = ['content-type', 'application/x-www-form-urlencoded'] as const;
const BASIC = ['authorization', 'Basic YTpi'] as const;
const path = '/orders/0b0e8d0c-6a55-4c3f-8a4f-6a2f4a3f6c1d';

const clock = new FakeClock(new Date());
const lists = { isCurrent: true, revoked: new Set<string>() };
const forwarded: ForwardedRequest[] = [];
let ca: FakePartnerCa;
/** Of no partner. */
let mine: FakePartnerCertificate;
let other: FakePartnerCertificate;
let gateway: TestGateway;

beforeAll(async () => {
  ca = await FakePartnerCa.create();
  gateway = await startTestGateway({
    partnerCa: ca,
    partnerClock: clock.now,
    partnerRevocations: {
      get isCurrent() {
        return lists.isCurrent;
      },
      isRevoked: ({ serialNumber }) => lists.revoked.has(serialNumber),
    },
    authorizationServer: {
      forward: (request) => {
        forwarded.push(request);
        return Promise.resolve({ status: 200, headers: {}, body: Buffer.from('{}') });
      },
    },
  });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  gateway.reset();
  forwarded.length = 0;
  lists.isCurrent = true;
  lists.revoked.clear();
  [mine, other] = await Promise.all([ca.issue('client.example'), ca.issue('other.example')]);
  gateway.transports.orders.answer('getOrder', { order: wireOrder() });
  gateway.transports.auth.fail(
    'resolvePartner',
    new RpcError('UNAUTHENTICATED', 'partner_unknown'),
  );
});

const isOfPartner = () => {
  gateway.transports.auth.answer('resolvePartner', {
    ...{ partnerId: 'acme', scopes: ['orders:read'], requestsPerMinute: 0 },
  });
};
const handedOn = ({ cert }: FakePartnerCertificate) =>
  encodeClientCertificate(new X509Certificate(cert).raw);
const posted = (endpoint: string, body: string, ...headers: Sent['headers'] & object): Sent => ({
  ...{ method: 'POST', path: `/oauth2/${endpoint}`, headers: [FORM, ...headers], body },
});
const token = (payload: object = {}) =>
  gateway.mint.accessToken({
    payload: { scope: 'orders:read', cnf: { 'x5t#S256': mine.thumbprint }, ...payload },
  });
const call = (presented: string | undefined, by = mine) =>
  gateway.sendAs(by, {
    path,
    headers: presented === undefined ? [] : [['authorization', `Bearer ${presented}`]],
  });

describe('a client of the authorization server reaches', () => {
  it.each<[what: string, sent: Sent]>([
    ['the token endpoint by its id', posted('token', 'grant_type=x&client_id=shop')],
    ['the token endpoint by its secret', posted('token', 'grant_type=x', BASIC)],
    ['the endpoint for pushed requests', posted('par', 'client_id=shop')],
    ['userinfo', { path: '/oauth2/userinfo' }],
    ['userinfo by POST', { method: 'POST', path: '/oauth2/userinfo' }],
  ])('%s, which is told the certificate of the connection', async (_what, sent) => {
    expect(await gateway.sendAs(mine, sent)).toMatchObject({ status: 200 });
    expect(forwarded).toMatchObject([
      { target: sent.path, headers: { 'client-cert': handedOn(mine) } },
    ]);
    expect(gateway.events.all).toEqual([]);
    for (const { request } of gateway.transports.auth.calls)
      expect(request).toMatchObject({ mayBeUnknown: true });
    forwarded.length = 0;
    expect(await gateway.send(sent)).toMatchObject({ status: 200 });
    expect(forwarded[0]?.headers).not.toHaveProperty('client-cert');
  });

  it.each([
    ['GET', '/oauth2/authorize'],
    ['POST', '/oauth2/authorize'],
    ['GET', '/oauth2/logout'],
    ['GET', '/.well-known/openid-configuration'],
    ['POST', '/oauth2/interaction/a/login'],
  ])('no page for people: %s %s', async (method, target) => {
    const headers = method === 'POST' ? [FORM] : [];
    const answer = await gateway.sendAs(mine, { method, path: target, headers });
    expectRefusal(gateway, answer, { status: 404, code: 'not_found' });
    expect(forwarded).toEqual([]);
  });
});

describe('a certificate is not handed on', () => {
  it('that is too large for a header', async () => {
    const alternativeNames = Array.from({ length: 60 }, (_, index) => ({
      ...{ type: 'dns' as const, value: `${'a'.repeat(60)}.${'b'.repeat(60)}.${index}.example` },
    }));
    const large = await ca.issue('client.example', { alternativeNames });
    const sent = posted('token', 'grant_type=x&client_id=shop');
    expect(await gateway.sendAs(large, sent)).toMatchObject({ status: 200 });
    expect(forwarded).toHaveLength(1);
    expect(forwarded[0]?.headers).not.toHaveProperty('client-cert');
  });

  it('without the client saying who it is', async () => {
    const answer = await gateway.sendAs(mine, posted('token', 'grant_type=client_credentials'));
    expect(statusAndCode(answer)).toEqual([401, 'invalid_client']);
    expect(gateway.events.refusals).toEqual(['partner_refused']);
    expect(forwarded).toEqual([]);
  });

  it.each<[what: string, sent: Sent, status: number]>([
    ['by the id of a client', posted('token', 'grant_type=client_credentials&client_id=shop'), 401],
    ['by a secret', posted('token', 'grant_type=client_credentials', BASIC), 400],
  ])('when it is a partner’s, %s', async (_what, sent, status) => {
    isOfPartner();
    const answer = await gateway.sendAs(mine, sent);
    expect(statusAndCode(answer)[0]).toBe(status);
    expect(forwarded).toEqual([]);
  });

  const gone: readonly (readonly [string, () => void, string, number])[] = [
    ['has expired', () => clock.advance({ seconds: 3700 }), 'certificate_expired', 401],
    [
      'is on a list',
      () => void lists.revoked.add(mine.serialNumber.replace(/^0+/, '')),
      'certificate_revoked',
      401,
    ],
    [
      'was revoked',
      () => {
        gateway.revocations.revoke('certificate', mine.thumbprint);
      },
      'certificate_revoked',
      401,
    ],
    [
      'may be on a list that is not there',
      () => (lists.isCurrent = false),
      'certificate_revocations_outdated',
      503,
    ],
    [
      'may have been revoked',
      () => (gateway.revocations.isCurrent = false),
      'revocation_unknown',
      503,
    ],
  ];
  const endpoints: readonly (readonly [Sent, string])[] = [
    [posted('token', 'grant_type=x&client_id=shop'), 'invalid_client'],
    [posted('par', 'client_id=shop'), 'invalid_client'],
    [posted('revoke', 'token=x'), 'certificate_refused'],
    [{ path: '/oauth2/userinfo' }, 'certificate_refused'],
  ];
  it.each(gone)('that %s', async (_what, happen, reason, status) => {
    happen();
    try {
      for (const [sent, code] of endpoints) {
        gateway.events.clear();
        const answer = await gateway.sendAs(mine, sent);
        const expected = status === 503 ? 'authentication_unavailable' : code;
        expect(statusAndCode(answer)).toEqual([status, expected]);
        expect(gateway.events.refusals).toEqual([reason]);
      }
      expect(forwarded).toEqual([]);
    } finally {
      if (reason === 'certificate_expired') clock.advance({ seconds: -3700 });
    }
  });
});

describe('a call is refused', () => {
  it.each<[what: string, presented: () => string | undefined, code: string, reason: string]>([
    ['without a token', () => undefined, 'certificate_refused', 'partner_refused'],
    [
      'with one that is bound to nothing',
      () => token({ cnf: undefined }),
      'invalid_token',
      'token_certificate_missing',
    ],
    [
      'with one that is bound to another certificate',
      () => token({ cnf: { 'x5t#S256': other.thumbprint } }),
      'invalid_token',
      'token_certificate_mismatch',
    ],
    [
      'with one of a partner, whose certificate it is no more',
      () =>
        token({
          ...{ sub: 'acme', client_id: 'acme', principal_type: 'partner', sid: undefined },
          ...{ acr: undefined, amr: undefined, auth_time: undefined },
        }),
      'certificate_refused',
      'partner_refused',
    ],
    [
      'with one that has expired',
      () => token({ iat: 1, exp: 900 }),
      'invalid_token',
      'token_expired',
    ],
  ])('%s', async (_what, presented, code, reason) => {
    const answer = await call(presented());
    expect(statusAndCode(answer)).toEqual([401, code]);
    expect(gateway.events.refusals).toEqual([reason]);
    expect(gateway.transports.orders.calls).toEqual([]);
    expect(await call(token())).toMatchObject({ status: 200 });
  });

  it('when the certificate was revoked', async () => {
    expect(await call(token())).toMatchObject({ status: 200 });
    gateway.revocations.revoke('certificate', mine.thumbprint);
    expect(statusAndCode(await call(token()))).toEqual([401, 'certificate_refused']);
  });

  it('when its client was disabled', async () => {
    const presented = token({ client_id: 'shop' });
    expect(await call(presented)).toMatchObject({ status: 200 });
    gateway.revocations.revoke('client', 'shop');
    expect(statusAndCode(await call(presented))).toEqual([401, 'invalid_token']);
  });

  it('on the public listener', async () => {
    const headers = [['authorization', `Bearer ${token()}`]] as const;
    expect(statusAndCode(await gateway.send({ path, headers }))).toEqual([401, 'invalid_token']);
    expect(await call(token())).toMatchObject({ status: 200 });
  });
});

describe('a call is made', () => {
  it.each<[who: string, payload: object, type: string]>([
    ['for a user', {}, 'user'],
    ['for the client itself', { sub: 'store', client_id: 'store', sid: undefined }, 'client'],
  ])('%s, with a token that is bound to the certificate', async (_who, payload, type) => {
    expect(await call(token(payload))).toMatchObject({ status: 200 });
    expect(gateway.transports.orders.calls[0]?.options.metadata).toMatchObject({
      'x-principal-type': type,
      'x-user-scopes': 'orders:read',
    });
    expect(gateway.events.all).toEqual([]);
  });
});
