import { Agent } from 'node:https';
import { RpcError } from '@sallyport/contracts';
import { FakeClock, FakePartnerCa, type FakePartnerCertificate } from '@sallyport/testing';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  wireOrder,
  type Sent,
  type TestGateway,
} from '../gateway.fixture';
import { partnerOf } from './resolved-partner';

const SCOPES = ['orders:read', 'orders:write', 'billing:read', 'accounts:manage', 'keys:manage'];
const path = '/orders/0b0e8d0c-6a55-4c3f-8a4f-6a2f4a3f6c1d';
const refused = { status: 401, code: 'certificate_refused' };
const invalidToken = { status: 401, code: 'invalid_token' };

const clock = new FakeClock(new Date());
const lists = { isCurrent: true, revoked: new Set<string>() };
let ca: FakePartnerCa;
let acme: FakePartnerCertificate;
let other: FakePartnerCertificate;
let gateway: TestGateway;
/** Keeps one connection open. */
let agent: Agent;

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
  });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  gateway.reset();
  lists.isCurrent = true;
  lists.revoked.clear();
  // New ones: what is remembered of a certificate outlives a test.
  [acme, other] = await Promise.all([ca.issue(), ca.issue()]);
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
  gateway.transports.orders.answer('getOrder', { order: wireOrder() });
  gateway.transports.auth.answer('resolvePartner', {
    partnerId: 'acme',
    scopes: SCOPES,
    requestsPerMinute: 600,
  });
});
afterEach(() => {
  agent.destroy();
});

const ask = (sent: Partial<Sent> = {}, tls: FakePartnerCertificate = acme) =>
  gateway.sendAs({ ...tls, agent }, { path, ...sent });

/** A token of the partner, bound to its certificate, but for what is changed. */
const token = (payload: object = {}) =>
  gateway.mint.accessToken({
    payload: {
      ...{ sub: 'acme', client_id: 'acme', scope: 'orders:read', principal_type: 'partner' },
      ...{ sid: undefined, acr: undefined, amr: undefined, auth_time: undefined },
      cnf: { 'x5t#S256': acme.thumbprint },
      ...payload,
    },
  });
const bearer = (presented: string) => [['authorization', `Bearer ${presented}`]] as const;

describe('on an open connection a certificate is refused', () => {
  const cases: readonly (readonly [string, () => void, string, number])[] = [
    ['once it has expired', () => clock.advance({ seconds: 3700 }), 'certificate_expired', 401],
    [
      'once a list names it',
      () => void lists.revoked.add(acme.serialNumber.replace(/^0+/, '')),
      'certificate_revoked',
      401,
    ],
    [
      'once it has been revoked',
      () => {
        gateway.revocations.revoke('certificate', acme.thumbprint);
      },
      'certificate_revoked',
      401,
    ],
    [
      'while the lists have run out',
      () => (lists.isCurrent = false),
      'certificate_revocations_outdated',
      503,
    ],
    [
      'while the feed is silent',
      () => (gateway.revocations.isCurrent = false),
      'revocation_unknown',
      503,
    ],
  ];
  it.each(cases)('%s', async (_name, happen, reason, status) => {
    expect(await ask()).toMatchObject({ status: 200 });
    gateway.reset();
    happen();
    const code = status === 503 ? 'authentication_unavailable' : 'certificate_refused';
    try {
      expectRefusal(gateway, await ask(), { status, code, reason });
    } finally {
      if (reason === 'certificate_expired') clock.advance({ seconds: -3700 });
    }
  });
});

describe('a certificate is refused', () => {
  it.each(['partner_unknown', 'partner_disabled', 'partner_ambiguous', 'certificate_revoked'])(
    'that auth-service calls %s, without being asked again',
    async (reason) => {
      gateway.transports.auth.fail('resolvePartner', new RpcError('UNAUTHENTICATED', reason));
      expect(statusAndCode(await ask())).toEqual([401, 'certificate_refused']);
      expect(gateway.events.refusals).toEqual(['partner_refused']);
      gateway.reset();
      expectRefusal(gateway, await ask(), { ...refused, reason: 'partner_refused' });
    },
  );

  it('while auth-service is away, and taken when it is back', async () => {
    gateway.transports.auth.fail('resolvePartner', new RpcError('UNAVAILABLE', 'gone'));
    expect(statusAndCode(await ask())).toEqual([503, 'authentication_unavailable']);
    expect(gateway.events.refusals).toEqual(['partner_unresolvable']);
    gateway.transports.auth.answer('resolvePartner', {
      ...{ partnerId: 'acme', scopes: SCOPES, requestsPerMinute: 0 },
    });
    expect(await ask()).toMatchObject({ status: 200 });
  });

  it('with 502 when it is the gateway that auth-service refuses', async () => {
    const refusal = new RpcError('UNAUTHENTICATED', 'svid_expired');
    gateway.transports.auth.fail('resolvePartner', refusal);
    expect(statusAndCode(await ask())).toEqual([502, 'upstream_refused']);
  });

  it('when it was revoked while it was being resolved', async () => {
    let release: (value?: unknown) => void = () => undefined;
    gateway.transports.auth.delay('resolvePartner', new Promise((resolve) => (release = resolve)));
    const answer = ask();
    while (gateway.transports.auth.calls.length === 0) await new Promise(setImmediate);
    gateway.revocations.revoke('certificate', acme.thumbprint);
    release();
    expect(statusAndCode(await answer)).toEqual([401, 'certificate_refused']);
  });
});

describe('a token on the partner listener is refused', () => {
  it.each<[string, () => string, string]>([
    ['that is bound to nothing', () => gateway.mint.accessToken(), 'token_certificate_missing'],
    [
      'that is bound to another certificate',
      () => token({ cnf: { 'x5t#S256': other.thumbprint } }),
      'token_certificate_mismatch',
    ],
    ['of another partner', () => token({ sub: 'b', client_id: 'b' }), 'token_partner_mismatch'],
    [
      'of a user, bound to the certificate',
      () => token({ sub: 'acme', client_id: 'web', principal_type: undefined }),
      'token_partner_mismatch',
    ],
    [
      'with a thumbprint of another form',
      () => token({ cnf: { x5t: 'a' } }),
      'token_claims_invalid',
    ],
    [
      'with two confirmations',
      () => token({ cnf: { 'x5t#S256': acme.thumbprint, jkt: 'a' } }),
      'token_claims_invalid',
    ],
    ['that is none', () => 'nonsense', 'token_malformed'],
    ['that has expired', () => token({ iat: 1, exp: 900 }), 'token_expired'],
  ])('%s', async (_name, presented, reason) => {
    expect(await ask({ headers: bearer(token()) })).toMatchObject({ status: 200 });
    gateway.reset();
    const answer = await ask({ headers: bearer(presented()) });
    expectRefusal(gateway, answer, { ...invalidToken, reason });
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it('that comes by another scheme', async () => {
    await ask();
    gateway.reset();
    const answer = await ask({ headers: [['authorization', 'Basic YTpi']] });
    expectRefusal(gateway, answer, { ...invalidToken, reason: 'token_malformed' });
  });

  it('of another certificate, though it was verified a moment ago', async () => {
    expect(await ask({ headers: bearer(token()) })).toMatchObject({ status: 200 });
    const bound = token();
    expect(await ask({ headers: bearer(bound) })).toMatchObject({ status: 200 });
    const replayed = await gateway.sendAs(other, { path, headers: bearer(bound) });
    expect(statusAndCode(replayed)).toEqual([401, 'invalid_token']);
    const elsewhere = await gateway.send({ path, headers: bearer(bound) });
    expect(statusAndCode(elsewhere)).toEqual([401, 'invalid_token']);
    expect(gateway.events.refusals).toEqual([
      'token_certificate_mismatch',
      'token_certificate_mismatch',
    ]);
    expect(await ask({ headers: bearer(bound) })).toMatchObject({ status: 200 });
  });

  it('by its scopes, whatever the certificate holds', async () => {
    await ask();
    gateway.reset();
    const answer = await ask({ headers: bearer(token({ scope: 'billing:read' })) });
    expectRefusal(gateway, answer, { status: 403, code: 'insufficient_scope' });
  });
});

describe('a second credential is refused', () => {
  it.each<[string, string, Partial<Sent>]>([
    ['an API key', 'x-api-key', {}],
    ['an API key, where no credential is needed', 'x-api-key', { path: '/products' }],
    ['a token where one is asked for', 'authorization', { method: 'POST', path: '/oauth2/token' }],
  ])('%s', async (_name, header, sent) => {
    const value = header === 'authorization' ? `Bearer ${token()}` : 'sp_test';
    const answer = await ask({ ...sent, headers: [[header, value]] });
    expectRefusal(gateway, answer, { status: 400, code: 'multiple_credentials' });
  });
});

describe('what is for others is not there for partners', () => {
  it.each([
    ['GET', '/auth/me'],
    ['GET', '/auth/sessions'],
    ['DELETE', '/auth/sessions'],
    ['POST', '/auth/logout-all'],
    ['GET', '/admin/keys'],
    ['POST', '/admin/keys/prepare'],
    ['POST', '/admin/accounts/lock'],
    ['POST', '/admin/accounts/delete'],
  ])('%s %s wants somebody who has signed in', async (method, target) => {
    await ask();
    gateway.reset();
    const answer = await ask({ method, path: target });
    expectRefusal(gateway, answer, { status: 403, code: 'session_required' });
    expect(gateway.events.all).toMatchObject([{ principal: 'acme' }]);
  });

  it.each([
    ['GET', '/'],
    ['GET', '/docs'],
    ['GET', '/openapi.json'],
    ['GET', '/.well-known/jwks.json'],
    ['POST', '/auth/login'],
    ['POST', '/auth/register'],
    ['POST', '/auth/refresh'],
    ['POST', '/auth/logout'],
  ])('%s %s is not found', async (method, target) => {
    const answer = await ask({ method, path: target });
    expectRefusal(gateway, answer, { status: 404, code: 'not_found' });
  });
});

describe('a partner', () => {
  it('is a principal of its own, resolved once', async () => {
    for (let times = 0; times < 3; times += 1) expect(await ask()).toMatchObject({ status: 200 });
    expect(gateway.transports.auth.calls).toMatchObject([
      {
        request: {
          certificate: {
            thumbprint: acme.thumbprint,
            subjectAlternativeNames: ['dns:api.acme.example'],
          },
        },
        options: { metadata: { 'x-client-address': '127.0.0.1' } },
      },
    ]);
    expect(gateway.transports.orders.calls[0]?.options.metadata).toMatchObject({
      'x-user-id': 'acme',
      'x-principal-type': 'partner',
      'x-client-id': 'acme',
      'x-user-scopes': SCOPES.join(' '),
    });
    expect(gateway.events.all).toEqual([]);
  });

  it.each(['certificate', 'client'] as const)(
    'is resolved anew after its %s is revoked',
    async (kind) => {
      await ask();
      const id = kind === 'client' ? 'acme' : acme.thumbprint;
      const forget = gateway.partnerAuthenticator.forget.bind(gateway.partnerAuthenticator);
      forget({ kind: 'client', id: 'b', expiresAt: 0, issuedBefore: 0 });
      await ask();
      expect(gateway.transports.auth.calls).toHaveLength(1);
      if (kind === 'client') forget({ kind, id, expiresAt: 0, issuedBefore: 0 });
      else forget({ kind, id, expiresAt: 0 });
      await ask();
      expect(gateway.transports.auth.calls).toHaveLength(2);
    },
  );

  it('is known to whoever limits by principal, by certificate and by token', async () => {
    const authenticate = jest.spyOn(gateway.partnerAuthenticator, 'authenticate');
    await ask();
    await ask({ headers: bearer(token()) });
    for (const { value } of authenticate.mock.results) {
      const principal = (await value) as Parameters<typeof partnerOf>[0];
      expect(partnerOf(principal)).toEqual({ id: 'acme', requestsPerMinute: 600 });
    }
  });

  it('gets no CORS headers', async () => {
    const answer = await ask({ headers: [['origin', 'https://gateway.example']] });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});
