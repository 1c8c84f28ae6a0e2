import { randomUUID } from 'node:crypto';
import { TrustedHops } from '@sallyport/client-address';
import { mintApiKey } from '@sallyport/api-keys';
import { FakePartnerCa } from '@sallyport/testing';
import { startTestGateway, type TestGateway } from '../gateway.fixture';
import { rateLimitFieldsOf } from './rate-limit-fields.fixture';
import { ownRateLimits } from './rate-limits.fixture';

jest.setTimeout(30_000);

/** What a tenth of the policy allows in a minute. */
const QUOTA = { userRead: 60, partner: 20, read: 12, refused: 6 };

let gateway: TestGateway;
let ca: FakePartnerCa;
beforeAll(async () => {
  ca = await FakePartnerCa.create();
  gateway = await startTestGateway({
    rateLimits: ownRateLimits({ scale: 0.1 }),
    trustedHops: TrustedHops.of(['127.0.0.1'], 'x-forwarded-for'),
    partnerCa: ca,
  });
  gateway.transports.orders.answer('listProducts', { products: [] });
  gateway.transports.orders.answer('listOrders', { orders: [], nextPageToken: '' });
});
afterAll(() => gateway.close());

let hosts = 0;
/** An address nobody has used yet. */
const newAddress = () => `198.51.100.${(hosts += 1)}`;

type Header = readonly [string, string];
const bearer = (token: string): Header => ['authorization', `Bearer ${token}`];
const ask = (path: string, credential: Header, address = newAddress()) =>
  gateway.send({ path, headers: [['x-forwarded-for', address], credential] });

/** By which quota a request for what is public was counted. */
const publicQuota = async (credential: Header, address?: string): Promise<unknown> =>
  rateLimitFieldsOf(await ask('/products', credential, address)).policy['read']?.['q'];

/** A user's token with ids of its own, that was found good a moment ago. */
async function usedToken() {
  const ids = { jti: randomUUID(), sid: randomUUID(), sub: randomUUID(), client_id: randomUUID() };
  const credential = bearer(gateway.mint.accessToken({ payload: ids }));
  expect((await ask('/orders', credential)).status).toBe(200);
  return { ...ids, credential };
}

describe('what has ended is counted by address, not by who held it, where nobody is authenticated', () => {
  it.each([
    ['token', 'jti'],
    ['session', 'sid'],
    ['subject', 'sub'],
    ['client', 'client_id'],
  ] as const)('a token whose %s was revoked', async (kind, claim) => {
    const [ended, other] = [await usedToken(), await usedToken()];
    expect(await publicQuota(ended.credential)).toBe(QUOTA.userRead);
    gateway.revocations.revoke(kind, ended[claim]);
    expect(await publicQuota(ended.credential)).toBe(QUOTA.read);
    expect(await publicQuota(other.credential)).toBe(QUOTA.userRead);
  });

  it.each(['api_key', 'subject'] as const)('an API key, by its %s', async (kind) => {
    const { id, presentedKey } = mintApiKey();
    const accountId = randomUUID();
    const credential: Header = ['x-api-key', presentedKey];
    gateway.transports.auth.answer('resolveApiKey', {
      ...{ accountId, scopes: ['orders:read'], validUntil: undefined, requestsPerMinute: 0 },
    });
    expect((await ask('/orders', credential)).status).toBe(200);
    expect(await publicQuota(credential)).toBeGreaterThan(QUOTA.read);
    gateway.revocations.revoke(kind, kind === 'api_key' ? id : accountId);
    expect(await publicQuota(credential)).toBe(QUOTA.read);
  });

  it('a token that was refused, whatever the reason', async () => {
    const { sid, credential } = await usedToken();
    gateway.revocations.replica.apply({
      kind: 'session',
      id: sid,
      expiresAt: Math.floor(Date.now() / 1000) + 900,
    });
    expect((await ask('/orders', credential)).status).toBe(401);
    expect(await publicQuota(credential)).toBe(QUOTA.read);
  });
});

it('a token bound to a certificate uses up nothing of its partner on the public listener', async () => {
  gateway.transports.auth.answer('resolvePartner', {
    ...{ partnerId: 'acme', scopes: ['orders:read'], requestsPerMinute: QUOTA.partner },
  });
  const certificate = await ca.issue();
  const claims = { sub: 'acme', client_id: 'acme', principal_type: 'partner' };
  const ofNoSession = { sid: undefined, acr: undefined, amr: undefined, auth_time: undefined };
  const token = gateway.mint.accessToken({
    payload: { ...claims, ...ofNoSession, cnf: { 'x5t#S256': certificate.thumbprint } },
  });
  const askAsPartner = () =>
    gateway.sendAs(certificate, { path: '/orders', headers: [bearer(token)] });
  expect((await askAsPartner()).status).toBe(200);
  const address = newAddress();
  expect((await ask('/orders', bearer(token), address)).status).toBe(401);
  expect(await publicQuota(bearer(token), address)).toBe(QUOTA.read);
  expect(rateLimitFieldsOf(await askAsPartner()).limit['requests']?.['r']).toBe(QUOTA.partner - 2);
});

describe('a token that has only ended', () => {
  const now = () => Math.floor(Date.now() / 1000);

  it.each<[string, () => Header | Promise<Header>]>([
    [
      'by itself',
      () =>
        bearer(
          gateway.mint.accessToken({
            payload: { sub: randomUUID(), iat: now() - 1000, exp: now() - 100 },
          }),
        ),
    ],
    [
      'with its session',
      async () => {
        const { sid, credential } = await usedToken();
        gateway.revocations.revoke('session', sid);
        return credential;
      },
    ],
  ])('%s is told so beside made-up ones, and does not count', async (_, end) => {
    const [address, credential] = [newAddress(), await end()];
    for (let turn = 0; turn < QUOTA.refused; turn += 1) {
      expect((await ask('/orders', credential, address)).status).toBe(401);
    }
    for (let turn = 0; turn < QUOTA.refused; turn += 1) {
      expect((await ask('/orders', bearer(`made-up-${turn}`), address)).status).toBe(401);
    }
    expect((await ask('/orders', bearer('made-up'), address)).status).toBe(429);
    expect((await ask('/orders', credential, address)).status).toBe(401);
  });
});
