import { randomBytes, randomUUID } from 'node:crypto';
import { logIn, refresh, refreshCookieOf, renew, signInAs, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { startGatewayReplica } from '../src/gateway-replica';
import type { GatewayReplica } from '../src/gateway-replica';
import { needs } from '../src/needs';
import { startOwnCluster } from '../src/own-cluster';
import type { OwnCluster } from '../src/own-cluster';
import { PublicClient } from '../src/public-client';
import type { PublicRequest, WireHeaders } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectProblem, expectRefused } from '../src/refusal.expectations';

needs('own-cluster');

/** What three tenths of the policy allow in a minute: enough to work with, and quickly used up. */
const SCALE = '0.3';
const QUOTA = {
  user: { read: 180, write: 36, admin: 36 },
  anonymous: { read: 36, credentials: 9, session: 90 },
  refused: 18,
};
const REFRESHES_PER_SESSION = 5;
const LIMITED = { status: 429, code: 'rate_limited' };
const AT_ONCE = 12;

describe('floods (R12)', () => {
  let own: OwnCluster;
  let replica: GatewayReplica;
  let client: PublicClient;
  let beside: PublicClient;
  let evidence: Evidence;
  let customer: Customer;

  beforeAll(async () => {
    // Every request is as from a proxy on this machine, which writes down where it had it from.
    const gateway = {
      RATE_LIMIT_SCALE: SCALE,
      // No machine is so busy that a gateway counts by itself.
      RATE_LIMIT_TIMEOUT_MS: '2000',
      TRUSTED_PROXIES: '127.0.0.1',
    };
    const authService = { REFRESHES_PER_SESSION: String(REFRESHES_PER_SESSION) };
    own = await startOwnCluster({ gateway, 'auth-service': authService });
    replica = await startGatewayReplica(own.facts);
    client = new PublicClient(own.facts, { connections: AT_ONCE });
    beside = new PublicClient(own.facts, { connections: AT_ONCE, port: replica.port });
    evidence = new Evidence(own.facts);
  });
  afterAll(async () => {
    client.close();
    beside.close();
    await replica.stop();
    await own.stop();
  });
  beforeEach(async () => {
    customer = await signUp(client, from(newAddress()));
  });

  const ask = (
    request: PublicRequest,
    address: string,
    gateway: PublicClient = client,
  ): Promise<PublicResponse> =>
    gateway.send({ ...request, headers: [...from(address), ...(request.headers ?? [])] });

  const readAs = ({ accessToken }: Pick<Customer, 'accessToken'>): PublicRequest => ({
    path: '/orders?limit=1',
    accessToken,
  });
  const anonymously: PublicRequest = { path: '/products' };

  /** So many at once; what they were answered, in no order. */
  const flood = async (
    times: number,
    each: (turn: number) => Promise<PublicResponse>,
  ): Promise<Readonly<Record<number, number>>> => {
    const answers: Record<number, number> = {};
    let turn = 0;
    const work = async (): Promise<void> => {
      while (turn < times) {
        const { status } = await each((turn += 1));
        answers[status] = (answers[status] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return answers;
  };

  const expectLimited = async (response: PublicResponse, policy: string): Promise<void> => {
    await expectRefused(response, { evidence, ...LIMITED });
    const { headers } = response;
    expect(headers['ratelimit-policy']).toMatch(new RegExp(`^"${policy}";q=[0-9]+;w=60$`));
    expect(headers['ratelimit']).toMatch(new RegExp(`^"${policy}";r=0;t=[0-9]+$`));
    const seconds = Number(headers['retry-after']);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
  };

  it('of a user end with the quota, and another user is not touched', async () => {
    const other = await signUp(client, from(newAddress()));
    const address = newAddress();
    const quota = QUOTA.user.read;

    expect(await flood(quota, () => ask(readAs(customer), address))).toEqual({ 200: quota });
    await expectLimited(await ask(readAs(customer), address), 'read');

    expect((await ask(readAs(other), address)).status).toBe(200);
  });

  it('of a user get no further from many addresses', async () => {
    const other = await signUp(client, from(newAddress()));
    const quota = QUOTA.user.read;

    const answers = await flood(2 * quota, () => ask(readAs(customer), newAddress()));

    expect(answers).toEqual({ 200: quota, 429: quota });
    expect((await ask(readAs(other), newAddress())).status).toBe(200);
  });

  it('of a user get no further with a second session', async () => {
    const again = await logIn(client, customer, from(newAddress()));
    const quota = QUOTA.user.read;
    await flood(quota, () => ask(readAs(customer), newAddress()));

    await expectLimited(await ask(readAs(again), newAddress()), 'read');

    const renewed = await renew(client, again, from(newAddress()));
    expect((await ask(readAs(renewed), newAddress())).status).toBe(429);
    expect(renewed.accessToken).not.toBe(again.accessToken);
  });

  it('of a user get no further at a second gateway', async () => {
    const other = await signUp(client, from(newAddress()));
    const quota = QUOTA.user.read;

    const answers = await flood(2 * quota, (turn) =>
      ask(readAs(customer), newAddress(), turn % 2 === 0 ? client : beside),
    );

    expect(answers).toEqual({ 200: quota, 429: quota });
    expect((await ask(readAs(other), newAddress(), beside)).status).toBe(200);
  });

  it('of writes end before those of reads, and leave reading alone', async () => {
    const quota = QUOTA.user.write;
    const write: PublicRequest = {
      method: 'POST',
      path: `/orders/${randomUUID()}/cancel`,
      accessToken: customer.accessToken,
    };
    expect(await flood(quota, () => ask(write, newAddress()))).toEqual({ 404: quota });

    await expectLimited(await ask(write, newAddress()), 'write');

    expect((await ask(readAs(customer), newAddress())).status).toBe(200);
  });

  it('of what the caller may not do end as well', async () => {
    const operator = await signInAs(client, 'operator@example.com', own.facts);
    const quota = QUOTA.user.admin;
    const keys = { path: '/admin/keys' };
    const probe = { ...keys, accessToken: customer.accessToken };
    expect(await flood(quota, () => ask(probe, newAddress()))).toEqual({ 403: quota });

    await expectLimited(await ask(probe, newAddress()), 'admin');

    const allowed = await ask({ ...keys, accessToken: operator.accessToken }, newAddress());
    expect(allowed.status).toBe(200);
  });

  it('of strangers do not touch who is signed in at the same address', async () => {
    const address = newAddress();
    expect((await ask(readAs(customer), address)).status).toBe(200);
    const quota = QUOTA.anonymous.read;
    expect(await flood(quota, () => ask(anonymously, address))).toEqual({ 200: quota });

    await expectLimited(await ask(anonymously, address), 'read');

    expect((await ask(readAs(customer), address)).status).toBe(200);
    const { accessToken } = customer;
    expect((await ask({ ...anonymously, accessToken }, address)).status).toBe(200);
    expect((await ask(anonymously, newAddress())).status).toBe(200);
  });

  it('of strangers get no further by a forwarding header of their own', async () => {
    const address = newAddress();
    const spoofed = (claimed: string): Promise<PublicResponse> =>
      client.send({ ...anonymously, headers: [['X-Forwarded-For', `${claimed}, ${address}`]] });
    const quota = QUOTA.anonymous.read;

    const answers = await flood(2 * quota, () => spoofed(newAddress()));

    expect(answers).toEqual({ 200: quota, 429: quota });
    expect((await ask(anonymously, newAddress())).status).toBe(200);
  });

  it('of strangers get no further by the many addresses of one IPv6 subscriber', async () => {
    const subscriber = (turn: number) => `2001:db8:${randomBytes(2).toString('hex')}:7::${turn}`;
    const prefix = subscriber(0).replace(/::0$/, '');
    const quota = QUOTA.anonymous.read;

    const answers = await flood(2 * quota, (turn) =>
      ask(anonymously, `${prefix}::${turn.toString(16)}`),
    );

    expect(answers).toEqual({ 200: quota, 429: quota });
    expect((await ask(anonymously, subscriber(1))).status).toBe(200);
  });

  it('of refused tokens end at an address, but not for who has a good one, a new one included', async () => {
    const address = newAddress();
    const forged = (): PublicRequest => ({
      path: '/orders',
      accessToken: `${customer.accessToken.slice(0, -20)}${randomBytes(15).toString('base64url')}`,
    });
    const quota = QUOTA.refused;
    expect(await flood(quota, () => ask(forged(), address))).toEqual({ 401: quota });

    await expectLimited(await ask(forged(), address), 'refused');

    expect((await ask(readAs(customer), address)).status).toBe(200);
    const newcomer = await signUp(client, from(newAddress()));
    expect((await ask(readAs(newcomer), address, beside)).status).toBe(200);
    expect((await ask(forged(), newAddress())).status).toBe(401);
  });

  it('of guessed API keys end at an address', async () => {
    const address = newAddress();
    const guess = (): PublicRequest => ({
      path: '/orders',
      headers: [['X-API-Key', `sp_${randomBytes(24).toString('base64url')}`]],
    });

    const answers = await flood(4 * QUOTA.refused, () => ask(guess(), address));

    expect(Object.keys(answers)).toEqual(['401', '429']);
    expectProblem(await ask(guess(), address), LIMITED);
    expect((await ask(readAs(customer), address)).status).toBe(200);
    expect((await ask(guess(), newAddress())).status).toBe(401);
  });

  it('of guessed refresh tokens end at an address, and who has a session there goes on with it', async () => {
    const address = newAddress();
    const guess = (at = address): Promise<PublicResponse> =>
      refresh(
        client,
        { cookie: `__Secure-sallyport-refresh=${randomBytes(32).toString('base64url')}` },
        from(at),
      );
    const quota = QUOTA.anonymous.session;
    expect(await flood(quota, () => guess())).toEqual({ 401: quota });

    await expectLimited(await guess(), 'session');

    const renewed = await renew(client, customer, from(address));
    expect(refreshCookieOf(await refresh(client, renewed, from(address)))).toBeDefined();
    expect((await guess(newAddress())).status).toBe(401);
  });

  it('of refreshes of one session end, which then goes on, and touch no other of the same user', async () => {
    const other = await logIn(client, customer, from(newAddress()));
    let newest = customer;
    for (let turn = 0; turn < REFRESHES_PER_SESSION; turn += 1) {
      newest = await renew(turn % 2 === 0 ? client : beside, newest, from(newAddress()));
    }

    const answer = await refresh(client, newest, from(newAddress()));

    const handled = ['POST /auth/refresh', 'sallyport.auth.v1.AuthService/Refresh'];
    await expectRefused(answer, { evidence, status: 429, code: 'too_many_attempts', handled });
    expect((await ask(readAs(newest), newAddress())).status).toBe(200);
    expect((await renew(client, other, from(newAddress()))).sessionId).toBe(other.sessionId);
  });

  it('of passwords end at an address, whoever else is signed in with the same request', async () => {
    const address = newAddress();
    const guess = (at = address): Promise<PublicResponse> => {
      const json = { email: `e2e-${randomUUID()}@example.com`, password: randomUUID() };
      const { cookie } = customer;
      const path = '/auth/login';
      return ask({ method: 'POST', path, json, headers: [['Cookie', cookie]] }, at);
    };
    const quota = QUOTA.anonymous.credentials;
    expect(await flood(quota, () => guess())).toEqual({ 401: quota });

    await expectLimited(await guess(), 'credentials');

    expect((await ask(readAs(customer), address)).status).toBe(200);
    expect((await logIn(client, customer, from(newAddress()))).userId).toBe(customer.userId);
  });

  it('count HEAD as GET', async () => {
    const address = newAddress();
    const quota = QUOTA.anonymous.read;
    const head = () => ask({ ...anonymously, method: 'HEAD' }, address);

    expect(await flood(quota, head)).toEqual({ 200: quota });
    await expectLimited(await ask(anonymously, address), 'read');

    expect((await ask({ ...anonymously, method: 'HEAD' }, newAddress())).status).toBe(200);
  });

  it.each([
    ['a query', '/products?a=1'],
    ['a trailing slash', '/products/'],
    ['a doubled slash', '//products'],
    ['a dot segment', '/./products'],
    ['an encoded letter', '/%70roducts'],
    ['capitals', '/Products'],
    ['a semicolon', '/products;a=1'],
  ])('have no quota of their own for a path with %s', async (_, path) => {
    const address = newAddress();
    await flood(QUOTA.anonymous.read, () => ask(anonymously, address));

    const answer = await ask({ path }, address);

    expect([400, 404, 429]).toContain(answer.status);
    expect((await ask(anonymously, newAddress())).status).toBe(200);
  });
});

/** As the proxy in front writes it. */
function from(address: string): WireHeaders {
  return [['X-Forwarded-For', address]];
}

let addresses = 0;

/** An address nobody has used yet. */
function newAddress(): string {
  addresses += 1;
  return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;
}
