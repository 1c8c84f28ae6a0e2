import { setTimeout as delay } from 'node:timers/promises';
import { askRedis } from '@sallyport/dev-stores';
import { liveSessions } from '../src/auth-database';
import { logIn, refresh, refreshTokenOf, renew, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { eventually } from '../src/eventually';
import { Evidence } from '../src/evidence';
import { needs } from '../src/needs';
import { runOperatorCommand } from '../src/operator-command';
import { startOwnCluster } from '../src/own-cluster';
import type { OwnCluster } from '../src/own-cluster';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import type { PublicRequest } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { readinessOf } from '../src/readiness';
import { expectRefused, expectUnavailable } from '../src/refusal.expectations';
import { revoke } from '../src/revoke';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

needs('own-cluster');

jest.setTimeout(60_000);

/** From the loss of the feed until nothing is accepted: the bound, and what it takes a busy machine to notice. */
const CLOSED_WITHIN_MS = STATED_BOUND_MS + 500;
const RECOVERED_WITHIN_MS = 10_000;

let own: OwnCluster;
let client: PublicClient;
let evidence: Evidence;
let customer: Customer;
beforeAll(async () => {
  own = await startOwnCluster({});
  client = new PublicClient(own.facts);
  evidence = new Evidence(own.facts);
});
afterAll(() => own.stop());
beforeEach(async () => {
  customer = await signUp(client);
});

const as = ({ accessToken }: Customer, request: PublicRequest): Promise<PublicResponse> =>
  client.send({ ...request, accessToken });
const listOrders = (who = customer): Promise<PublicResponse> => as(who, { path: '/orders' });
const logOut = ({ cookie }: Customer): Promise<PublicResponse> =>
  client.send({ method: 'POST', path: '/auth/logout', headers: [['Cookie', cookie]] });

async function expectRevoked(who: Customer): Promise<void> {
  const answer = await listOrders(who);
  expect(answer).toMatchObject({ status: 401, problem: { code: 'invalid_token' } });
}

/** The gateway accepts tokens for the bound and no longer, and says why it does not. */
async function expectClosed(since: number): Promise<void> {
  const { response, acceptedUntilMs } = await refusalWithin(CLOSED_WITHIN_MS, listOrders, since);
  expectUnavailable(response, 'authentication_unavailable');
  expect(acceptedUntilMs).toBeGreaterThan(STATED_BOUND_MS / 2);
}

/** By itself, in time: tokens are accepted, and people may sign in. */
async function expectRecovered(): Promise<void> {
  const since = performance.now();
  const { email, password } = customer;
  const signIn: PublicRequest = { method: 'POST', path: '/auth/login', json: { email, password } };
  for (const ask of [listOrders, () => client.send(signIn)]) {
    expect((await eventually(ask, ({ status }) => status === 200)).status).toBe(200);
  }
  expect(performance.now() - since).toBeLessThan(RECOVERED_WITHIN_MS);
}

/** When the gateway accepts anything again, it is not this token. */
async function expectStillRevoked(who: Customer): Promise<void> {
  const answers = await eventually(
    // In this order: what is accepted first must not have been this one's chance.
    async () => ({ stays: await listOrders(), gone: await listOrders(who) }),
    ({ stays, gone }) => stays.status === 200 || gone.status === 200,
  );
  expect(answers).toMatchObject({ stays: { status: 200 }, gone: { status: 401 } });
}

describe('the feed of revocations, cut', () => {
  it('is not missed for less than the bound', async () => {
    const statuses = new Set<number>();
    const until = performance.now() + STATED_BOUND_MS + 1_000;
    await own.sharedState.interrupt();
    const mended = delay(STATED_BOUND_MS / 10).then(() => own.sharedState.restore());
    while (performance.now() < until) statuses.add((await listOrders()).status);
    await mended;

    expect([...statuses]).toEqual([200]);
  });

  it('closes the gateway to tokens alone, leaves nothing half done, and opens it again', async () => {
    const second = await logIn(client, customer);
    const replayed = await logIn(client, customer);
    const newest = await renew(client, replayed);
    const sessions = [customer, second, replayed].map(({ sessionId }) => sessionId).sort();

    await own.sharedState.interrupt();
    try {
      await expectClosed(performance.now());

      const refused = await listOrders();
      await expectRefused(refused, {
        evidence,
        status: 503,
        code: 'authentication_unavailable',
        reason: 'revocation_unknown',
      });
      for (const path of ['/products', '/.well-known/jwks.json', '/openapi.json']) {
        expect(await client.send({ path })).toMatchObject({ status: 200 });
      }
      expect(await readinessOf(own.cluster.services.gateway)).toMatchObject({
        status: 503,
        checks: { listener: 'up', identity: 'up', 'issuer-keys': 'up', revocations: 'down' },
      });
      expect(await readinessOf(own.cluster.services['auth-service'])).toMatchObject({
        status: 503,
        checks: { 'revocation-feed': 'down' },
      });

      for (const request of [
        { method: 'DELETE', path: `/auth/sessions/${customer.sessionId}` },
        { method: 'DELETE', path: '/auth/sessions' },
        { method: 'POST', path: '/auth/logout-all' },
        {
          method: 'POST',
          path: '/auth/password',
          json: { currentPassword: customer.password, newPassword: 'another long password' },
        },
      ]) {
        expectUnavailable(await as(second, request), 'authentication_unavailable');
      }
      for (const answer of [
        await logOut(customer),
        await refresh(client, replayed),
        await revoke(client, refreshTokenOf(second)),
        await revoke(client, customer.accessToken),
      ]) {
        expectUnavailable(answer, 'service_unavailable');
      }
      expect(await liveSessions(own.facts, sessions)).toEqual(sessions);
    } finally {
      await own.sharedState.restore();
    }

    await expectRecovered();
    expect(await readinessOf(own.cluster.services.gateway)).toMatchObject({ status: 200 });
    // What was refused has not happened: all tokens are good still, and all of it can be done now.
    for (const each of [second, replayed, newest]) {
      expect((await listOrders(each)).status).toBe(200);
    }
    expect((await logOut(customer)).status).toBe(204);
    expect((await refresh(client, replayed)).status).toBe(401);
    expect((await revoke(client, refreshTokenOf(second))).status).toBe(200);
    for (const each of [customer, second, replayed, newest]) {
      const { response } = await refusalWithin(
        STATED_BOUND_MS,
        () => listOrders(each),
        performance.now(),
      );
      expect(response.status).toBe(401);
    }
    expect(await liveSessions(own.facts, sessions)).toEqual([]);
  });
});

describe('the feed of revocations, silent on open connections', () => {
  it('closes the gateway, and a logout of that very moment is in force when it opens again', async () => {
    const leaver = await signUp(client);

    own.sharedState.silence();
    const since = performance.now();
    try {
      // Nobody knows yet that it will not get through.
      expect((await logOut(leaver)).status).toBe(204);
      const answeredAt = performance.now();
      const { response } = await refusalWithin(
        CLOSED_WITHIN_MS,
        () => listOrders(leaver),
        answeredAt,
      );
      expectUnavailable(response, 'authentication_unavailable');
      await refusalWithin(CLOSED_WITHIN_MS, listOrders, since);
    } finally {
      own.sharedState.resume();
    }

    await expectStillRevoked(leaver);
    await expectRecovered();
  });
});

describe('a Redis that has lost everything', () => {
  const restorations = (): number =>
    own.cluster
      .logs('auth-service')
      .filter(({ event, missing }) => event === 'revocation_feed_restored' && Number(missing) >= 3)
      .length;
  const empty = () => askRedis(own.sharedStateUrl, ['FLUSHALL']);

  it.each<readonly [how: string, lose: () => Promise<unknown>]>([
    ['under way', empty],
    [
      'while it was away',
      async () => {
        await own.sharedState.interrupt();
        await empty();
        await own.sharedState.restore();
      },
    ],
  ])('%s: what was revoked stays so, also at a gateway that is started anew', async (_, lose) => {
    const loggedOut = await signUp(client);
    const revoked = await signUp(client);
    const locked = await signUp(client);
    const operator = await newOperator(client, own.facts);
    await logOut(loggedOut);
    await revoke(client, revoked.accessToken);
    await as(operator, {
      method: 'POST',
      path: '/admin/accounts/lock',
      json: { account: locked.userId },
    });
    const gone = [loggedOut, revoked, locked];
    for (const each of gone) {
      await refusalWithin(STATED_BOUND_MS, () => listOrders(each), performance.now());
    }
    const before = restorations();

    await lose();
    const statuses = new Set<number>();
    await eventually(
      async () => {
        for (const each of gone) statuses.add((await listOrders(each)).status);
        return restorations();
      },
      (count) => count > before,
    );

    expect(restorations()).toBeGreaterThan(before);
    expect(statuses).not.toContain(200);
    await expectRecovered();
    for (const each of gone) await expectRevoked(each);

    await own.cluster.restart('gateway');
    for (const each of gone) await expectRevoked(each);
    expect((await listOrders()).status).toBe(200);
  });
});

describe('a revocation that cannot be published', () => {
  it.each<readonly [because: string, lose: () => Promise<void>, mend: () => Promise<void>]>([
    ['Redis is away', () => own.sharedState.interrupt(), () => own.sharedState.restore()],
    [
      'auth-service is down',
      () => own.cluster.kill('auth-service'),
      () => own.cluster.restart('auth-service'),
    ],
  ])('because %s is in force before the gateway accepts anything', async (_, lose, mend) => {
    const locked = await signUp(client);
    expect((await listOrders(locked)).status).toBe(200);

    await lose();
    let mended: Promise<void> | undefined;
    try {
      await expectClosed(performance.now());
      const command = await runOperatorCommand(own.facts, ['accounts', 'lock', locked.email]);
      expect(command).toMatchObject({
        exitCode: 0,
        output: expect.stringMatching(
          /^locked .+, ended 1 sessions\nrecorded, but no auth-service/,
        ),
      });
      expectUnavailable(await listOrders(locked), 'authentication_unavailable');
    } finally {
      mended = mend();
    }
    await expectStillRevoked(locked);
    await mended;

    await expectRecovered();
    await expectRevoked(locked);
    await expect(logIn(client, locked)).rejects.toThrow('got 401');
  });
});
