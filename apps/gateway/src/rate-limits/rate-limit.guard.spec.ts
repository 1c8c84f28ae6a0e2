import { randomUUID } from 'node:crypto';
import { TrustedHops } from '@sallyport/client-address';
import { createPrincipal } from '@sallyport/principal';
import { CredentialRefused } from '../authentication/authenticator';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type Answer,
  type Sent,
  type TestGateway,
} from '../gateway.fixture';
import { rateLimitFieldsOf } from './rate-limit-fields.fixture';
import { ownRateLimits } from './rate-limits.fixture';

// Hundreds of connections, on machines that may be busy.
jest.setTimeout(30_000);

/** What a tenth of the policy allows in a minute. */
const QUOTA = { userRead: 60, userWrite: 12, read: 12, credentials: 3, session: 30, refused: 6 };

const LOOKED_UP: string[] = [];
const GOOD_KEYS: ReadonlySet<string> = new Set(['sp_good', 'sp_other']);

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({
    rateLimits: ownRateLimits({ scale: 0.1 }),
    trustedHops: TrustedHops.of(['127.0.0.1'], 'x-forwarded-for'),
    authenticators: [
      {
        authenticate: async ({ headers }) => {
          const key = headers['x-api-key'];
          if (typeof key !== 'string') return undefined;
          LOOKED_UP.push(key);
          if (!GOOD_KEYS.has(key)) {
            throw new CredentialRefused('api_key_unknown', 401, 'invalid_token');
          }
          return createPrincipal({
            id: key,
            type: 'client',
            scopes: new Set(['orders:read']),
            clientId: undefined,
            sessionId: undefined,
            acr: undefined,
            authTime: undefined,
          });
        },
      },
    ],
  });
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  LOOKED_UP.length = 0;
  gateway.transports.orders.answer('listProducts', { products: [] });
  gateway.transports.orders.answer('listOrders', { orders: [], nextPageToken: '' });
});

let hosts = 0;
/** An address nobody has used yet. */
const newAddress = () => `198.51.${Math.floor((hosts += 1) / 250)}.${(hosts % 250) + 1}`;
const newToken = () => gateway.mint.accessToken({ payload: { sub: randomUUID() } });

const send = (
  address: string,
  path: string,
  token?: string,
  sent: Omit<Sent, 'path' | 'headers'> = {},
): Promise<Answer> =>
  gateway.send({
    ...sent,
    path,
    headers: [
      ['x-forwarded-for', address],
      ...(token === undefined ? [] : ([['authorization', `Bearer ${token}`]] as const)),
    ],
  });
const sendKey = (address: string, key: string): Promise<Answer> =>
  gateway.send({
    path: '/orders',
    headers: [
      ['x-forwarded-for', address],
      ['x-api-key', key],
    ],
  });

const statuses = async (times: number, ask: () => Promise<Answer>): Promise<number[]> => {
  const answers: number[] = [];
  for (let turn = 0; turn < times; turn += 1) answers.push((await ask()).status);
  return answers;
};
const times = (count: number, status: number) => Array.from({ length: count }, () => status);

describe('is refused', () => {
  it('the request after the last of an identity, whatever address it comes from', async () => {
    const token = newToken();
    const { userRead: quota } = QUOTA;
    expect(await statuses(quota, () => send(newAddress(), '/orders', token))).toEqual(
      times(quota, 200),
    );
    gateway.reset();
    const answer = await gateway.send({
      path: '/orders',
      headers: [['authorization', `Bearer ${token}`]],
    });
    expectRefusal(gateway, answer, { status: 429, code: 'rate_limited' });
    const { policy, limit } = rateLimitFieldsOf(answer);
    expect(policy).toEqual({ read: { q: quota, w: 60 } });
    expect(limit['read']).toMatchObject({ r: 0 });
    expect(answer.headers['retry-after']).toBe(String(limit['read']?.['t']));
    expect((await send(newAddress(), '/orders', newToken())).status).toBe(200);
  });

  it('with one event, however many come', async () => {
    const address = newAddress();
    await statuses(QUOTA.read, () => send(address, '/products'));
    gateway.events.clear();
    expect(await statuses(50, () => send(address, '/products'))).toEqual(times(50, 429));
    expect(gateway.events.all).toEqual([
      expect.objectContaining({
        type: 'request',
        reason: 'rate_limited',
        clientAddress: address,
        target: 'GET /products',
      }),
    ]);
  });

  it.each<[string, string]>([
    ['an address', '203.0.113.9'],
    ['the /64 of an address', '2001:db8:7::1'],
  ])('what %s asks without a credential, over its quota', async (_, address) => {
    const ask = () => send(address.replace(/::1$/, `::${(hosts += 1).toString(16)}`), '/products');
    expect(await statuses(QUOTA.read + 2, ask)).toEqual([...times(QUOTA.read, 200), 429, 429]);
    expect((await send(newAddress(), '/products')).status).toBe(200);
  });

  it('HEAD with GET', async () => {
    const address = newAddress();
    const methods = ['GET', 'HEAD'];
    let turn = 0;
    const ask = () =>
      send(address, '/openapi.json', undefined, { method: methods[(turn += 1) % 2] ?? 'GET' });
    expect(await statuses(QUOTA.read + 1, ask)).toEqual([...times(QUOTA.read, 200), 429]);
    expect((await send(address, '/products')).status).toBe(429);
  });

  it('a request that lacks a scope, once it has none left', async () => {
    const token = gateway.mint.accessToken({ payload: { sub: randomUUID(), scope: '' } });
    const ask = () => send(newAddress(), '/orders', token);
    expect(await statuses(QUOTA.userRead + 1, ask)).toEqual([...times(QUOTA.userRead, 403), 429]);
  });

  it('signing in, beyond what an address may try, with a known token as well', async () => {
    const address = newAddress();
    const token = newToken();
    await send(address, '/orders', token);
    const ask = () => send(address, '/auth/login', token, { method: 'POST', json: {} });
    expect(await statuses(QUOTA.credentials + 1, ask)).toEqual([
      ...times(QUOTA.credentials, 400),
      429,
    ]);
  });
});

describe('credentials that are refused', () => {
  it('are no longer looked at from an address that presents too many, and others are not touched', async () => {
    const address = newAddress();
    const bad = gateway.mint.accessToken({ payload: { aud: 'https://other' } });
    const ask = () => send(address, '/orders', bad);
    expect(await statuses(QUOTA.refused, ask)).toEqual(times(QUOTA.refused, 401));
    gateway.events.clear();
    const answers = [await ask(), await ask()];
    for (const answer of answers) expect(statusAndCode(answer)).toEqual([429, 'rate_limited']);
    expect(Object.keys(rateLimitFieldsOf(answers[0] as Answer).policy)).toEqual(['refused']);
    expect(gateway.events.all).toEqual([
      expect.objectContaining({ type: 'authentication', reason: 'rate_limited' }),
    ]);
    expect((await send(newAddress(), '/orders', bad)).status).toBe(401);
    expect((await send(address, '/orders', newToken())).status).toBe(200);
    expect((await send(address, '/products')).status).toBe(200);
  });

  it('cost nobody a lookup after that, and a key that was good of late still passes', async () => {
    const address = newAddress();
    expect((await sendKey(address, 'sp_good')).status).toBe(200);
    await statuses(QUOTA.refused + 1, () => sendKey(address, 'sp_bad'));
    LOOKED_UP.length = 0;
    expect(await statuses(20, () => sendKey(address, `sp_${randomUUID()}`))).toEqual(
      times(20, 429),
    );
    expect(LOOKED_UP).toEqual([]);
    expect((await sendKey(address, 'sp_good')).status).toBe(200);
    expect((await sendKey(address, 'sp_other')).status).toBe(429);
    expect((await sendKey(newAddress(), 'sp_other')).status).toBe(200);
  });

  it('do not count while nobody can tell whether they are good', async () => {
    const address = newAddress();
    const token = newToken();
    gateway.revocations.isCurrent = false;
    const ask = () => send(address, '/orders', token);
    expect(await statuses(QUOTA.refused + 2, ask)).toEqual(times(QUOTA.refused + 2, 503));
    gateway.revocations.isCurrent = true;
    expect((await ask()).status).toBe(200);
  });
});

describe('who is known', () => {
  it('reads what is public, at an address that others have used up', async () => {
    const address = newAddress();
    const token = newToken();
    expect((await send(newAddress(), '/orders', token)).status).toBe(200);
    await statuses(QUOTA.read, () => send(address, '/products'));
    expect((await send(address, '/products')).status).toBe(429);
    expect((await send(address, '/products', newToken())).status).toBe(429);
    const answer = await send(address, '/products', token);
    expect(answer.status).toBe(200);
    expect(rateLimitFieldsOf(answer).policy).toEqual({ read: { q: QUOTA.userRead, w: 60 } });
  });

  it('goes on with a session that was handed out here, at such an address', async () => {
    const address = newAddress();
    const refresh = (token: string) =>
      gateway.send({
        method: 'POST',
        path: '/auth/refresh',
        headers: [
          ['x-forwarded-for', address],
          ['cookie', `__Secure-sallyport-refresh=${token}`],
        ],
      });
    const tokens = {
      accessToken: newToken(),
      expiresIn: 900,
      scope: '',
      refreshToken: randomUUID(),
      sessionExpiresAt: new Date(Date.now() + 60_000),
      deviceTokens: '',
    };
    gateway.transports.auth.answer('login', { tokens, mfaChallenge: undefined });
    gateway.transports.auth.answer('refresh', { tokens });
    const credentials = { email: 'alice@example.com', password: 'a long enough password' };
    await send(newAddress(), '/auth/login', undefined, { method: 'POST', json: credentials });
    const made = await statuses(QUOTA.session + 1, () => refresh(randomUUID()));
    expect(made).toEqual([...times(QUOTA.session, 200), 429]);
    expect((await refresh(tokens.refreshToken)).status).toBe(200);
  });
});

it('tells with every answer of a handler what is left', async () => {
  const token = newToken();
  const address = newAddress();
  for (const remaining of [QUOTA.userRead - 1, QUOTA.userRead - 2]) {
    const { policy, limit } = rateLimitFieldsOf(await send(address, '/orders', token));
    expect(policy).toEqual({ read: { q: QUOTA.userRead, w: 60 } });
    expect(limit['read']).toEqual({ r: remaining, t: expect.any(Number) });
  }
  const write = await send(address, '/orders', token, { method: 'POST', json: {} });
  expect(rateLimitFieldsOf(write).policy).toEqual({ write: { q: QUOTA.userWrite, w: 60 } });
});
