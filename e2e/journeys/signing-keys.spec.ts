import { setTimeout as delay } from 'node:timers/promises';
import { compactJws, partsOf, rs256 } from '../src/compact-jws';
import { logIn, refresh, renew, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { eventually } from '../src/eventually';
import { EverydayLoad, PACE } from '../src/everyday-load';
import type { EverydayResults } from '../src/everyday-load';
import { Evidence } from '../src/evidence';
import { startGatewayReplica } from '../src/gateway-replica';
import type { GatewayReplica } from '../src/gateway-replica';
import { issuerKey } from '../src/issuer-key';
import type { IssuerKey } from '../src/issuer-key';
import { needs } from '../src/needs';
import { runOperatorCommand } from '../src/operator-command';
import { startOwnCluster } from '../src/own-cluster';
import type { OwnCluster } from '../src/own-cluster';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import { expectRefused } from '../src/refusal.expectations';
import { KeyOperator, kidOf, publishedKids } from '../src/signing-keys';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

needs('own-cluster');

jest.setTimeout(60_000);

const PUBLISH_AHEAD_SECONDS = 2;

let own: OwnCluster;
let replica: GatewayReplica;
/** Of each of the two gateways. */
let clients: readonly [PublicClient, PublicClient];
let client: PublicClient;
let operator: Customer;
let keys: KeyOperator;
/** Signed in under the first key, and never since. */
let early: Customer;
beforeAll(async () => {
  own = await startOwnCluster({
    'auth-service': {
      SIGNING_KEY_PUBLISH_AHEAD_SECONDS: String(PUBLISH_AHEAD_SECONDS),
      LOGIN_ATTEMPTS_PER_ADDRESS: '100000',
    },
  });
  replica = await startGatewayReplica(own.facts);
  clients = [new PublicClient(own.facts), new PublicClient(own.facts, { port: replica.port })];
  [client] = clients;
  operator = await newOperator(client, own.facts);
  keys = new KeyOperator(client, operator);
  early = await signUp(client);
});
afterAll(async () => {
  await replica.stop();
  await own.stop();
});

const listOrdersAt = (gateway: PublicClient, { accessToken }: Pick<Customer, 'accessToken'>) =>
  gateway.send({ path: '/orders', accessToken });

/** At both gateways within the stated bound. */
async function expectRefusedAtBoth(who: Pick<Customer, 'accessToken'>): Promise<void> {
  const since = performance.now();
  const refusals = await Promise.all(
    clients.map((at) => refusalWithin(STATED_BOUND_MS, () => listOrdersAt(at, who), since)),
  );
  for (const { response } of refusals) {
    expect(response).toMatchObject({ status: 401, problem: { code: 'invalid_token' } });
  }
}

async function expectAcceptedAtBoth(who: Pick<Customer, 'accessToken'>): Promise<void> {
  for (const at of clients) expect((await listOrdersAt(at, who)).status).toBe(200);
}

describe('a signing key, replaced twice while people work', () => {
  const CONNECTIONS = 4;

  it('costs no request: tokens of every key are good until they end', async () => {
    const readers = [{}, { port: replica.port }].map(
      (options) => new PublicClient(own.facts, { ...options, connections: CONNECTIONS }),
    );
    const load = await EverydayLoad.start({ client, readers, connections: CONNECTIONS });
    const kids = [kidOf(early)];
    let results: EverydayResults;
    try {
      for (let round = 0; round < 2; round += 1) kids.push(await replaceKey());
      await delay(1_000);
    } finally {
      results = await load.stop();
      for (const reader of readers) reader.close();
    }

    for (const kind of ['reads', 'logins', 'refreshes'] as const) {
      expect(results[kind].failures).toEqual([]);
      // A busy machine gives less than was asked for, but not so little.
      expect(results[kind].done).toBeGreaterThan(PACE[kind]);
    }
    expect(new Set(kids).size).toBe(3);
    expect(load.kids).toEqual(new Set(kids));
    expect(await publishedKids(client)).toEqual(expect.arrayContaining(kids));
    await expectAcceptedAtBoth(early);
    const until = Number(partsOf(early.accessToken).payload['exp']) * 1000;
    const retired = await keys.inState('retired');
    for (const { verifiesUntil } of retired.filter(({ kid }) => kids.includes(kid))) {
      expect(Date.parse(verifiesUntil ?? '')).toBeGreaterThan(until);
    }
  });

  /** @returns the kid of the key that signs now. */
  async function replaceKey(): Promise<string> {
    const { kid } = await keys.prepareAnew();

    const again = await keys.moveOn('prepare');
    const tooEarly = await keys.moveOn('activate');
    await delay(PUBLISH_AHEAD_SECONDS * 1000);
    const activated = await keys.moveOn('activate', { immediately: false });

    const code = 'signing_key_published_too_recently';
    expect(again).toMatchObject({ status: 409, problem: { code: 'signing_key_already_prepared' } });
    expect(tooEarly).toMatchObject({ status: 409, problem: { code } });
    expect(activated).toMatchObject({ status: 200, json: { kid, state: 'active' } });
    // In a session of its own: it ends with a key that leaks.
    const newest = await newOperator(client, own.facts);
    expect(kidOf(newest)).toBe(kid);
    // Each gateway learns of the key when it meets the first token it signed.
    for (const at of clients) {
      const { accessToken } = newest;
      expect((await at.send({ path: '/admin/keys', accessToken })).status).toBe(200);
      const published = await eventually(
        () => publishedKids(at),
        (known) => known.includes(kid),
      );
      expect(published).toContain(kid);
    }
    return kid;
  }
});

describe('a session that was ended at one gateway', () => {
  it('is over at both', async () => {
    const customer = await signUp(client);
    await expectAcceptedAtBoth(customer);

    const [, other] = clients;
    const path = '/auth/logout-all';
    const { accessToken } = customer;
    expect((await other.send({ method: 'POST', path, accessToken })).status).toBe(200);

    await expectRefusedAtBoth(customer);
  });
});

describe('an account that was locked at the command line', () => {
  it('is locked at both gateways, without anybody restarted', async () => {
    const customer = await signUp(client);
    await expectAcceptedAtBoth(customer);

    const command = ['accounts', 'lock', customer.email];
    const { exitCode, output } = await runOperatorCommand(own.facts, command);

    expect(exitCode).toBe(0);
    expect(output).toMatch(
      /^locked .+, ended 1 sessions\npublished to the gateways after \d+ ms\n/,
    );
    await expectRefusedAtBoth(customer);
    await expect(logIn(client, customer)).rejects.toThrow('got 401');
  });
});

describe('a signing key that has leaked', () => {
  let evidence: Evidence;
  /** Of the key that is going to leak. */
  let holder: Customer;
  let leaked: IssuerKey;
  beforeAll(async () => {
    evidence = new Evidence(own.facts);
    holder = await signUp(client);
    leaked = await issuerKey(own.facts);
  });

  it('is worth nothing within the bound, and no more is what it signed', async () => {
    // Beside the key nothing is wrong with it: the session has never been given anything by that key.
    const forged = {
      accessToken: compactJws(
        { alg: 'RS256', typ: 'at+jwt', kid: leaked.kid },
        { ...partsOf(early.accessToken).payload, jti: 'forged' },
        rs256(leaked.privateKey),
      ),
    };
    expect(kidOf(holder)).toBe(leaked.kid);
    expect(kidOf(early)).not.toBe(leaked.kid);
    for (const each of [early, holder, forged]) await expectAcceptedAtBoth(each);

    const tainted = await keys.moveOn('taint', { kid: leaked.kid });
    expect(tainted).toMatchObject({ status: 200, json: { key: { state: 'tainted' } } });

    await Promise.all([holder, forged].map(expectRefusedAtBoth));
    for (const each of [holder, forged]) {
      await expectRefused(await listOrdersAt(client, each), {
        evidence,
        status: 401,
        code: 'invalid_token',
        reason: 'token_key_unknown',
      });
    }
    for (const at of clients) expect(await publishedKids(at)).not.toContain(leaked.kid);
    await expectAcceptedAtBoth(early);
  });

  it('has its holders sign in again, under another key', async () => {
    expect(await refresh(client, holder)).toMatchObject({
      status: 401,
      problem: { code: 'invalid_grant' },
    });

    const back = await logIn(client, holder);

    expect(kidOf(back)).not.toBe(leaked.kid);
    await expectAcceptedAtBoth(back);
    await expectAcceptedAtBoth(await renew(client, back));
    const [active] = await keys.inState('active');
    expect(active?.kid).toBe(kidOf(back));
    for (const at of clients) expect(await publishedKids(at)).toContain(kidOf(back));
  });

  it('does not come back', async () => {
    const code = 'signing_key_tainted';
    const retired = await keys.moveOn('retire', { kid: leaked.kid });
    const again = await keys.moveOn('taint', { kid: leaked.kid });

    expect(retired).toMatchObject({ status: 409, problem: { code } });
    expect(again).toMatchObject({ status: 200, json: { endedSessions: 0 } });
    await expectRefusedAtBoth(holder);
  });

  it('is told of at the command line, like all the others', async () => {
    const { exitCode, output } = await runOperatorCommand(own.facts, ['keys', 'list']);

    expect(exitCode).toBe(0);
    for (const state of ['active', 'retired', 'tainted'] as const) {
      const listed = await keys.inState(state);
      expect(listed.length).toBeGreaterThan(0);
      for (const { kid } of listed) expect(output).toMatch(new RegExp(`^${kid} +${state} `, 'm'));
    }
  });

  it('explains to an operator why a token is refused, without showing it', async () => {
    const live = await signUp(client);
    const ended = await signUp(client);
    const { accessToken } = ended;
    await client.send({ method: 'POST', path: '/auth/logout-all', accessToken });
    const explain = (token: string) => runOperatorCommand(own.facts, ['explain-token'], token);

    const outcomes = await Promise.all([
      explain(live.accessToken),
      explain(`Bearer ${ended.accessToken}\n`),
      explain(holder.accessToken),
      explain('nonsense'),
      runOperatorCommand(own.facts, ['explain-token', live.accessToken]),
    ]);

    const [ofLive, ofEnded, ofHolder, ofNonsense, asArgument] = outcomes;
    expect(ofLive.output).toMatch(/^ACCEPTED\n/);
    expect(ofLive.output).toMatch(/session +live: opened/);
    expect(ofLive.output).toContain('Nothing revokes it.');
    expect(ofEnded.output).toMatch(/^REFUSED: revoked by session, because of ended_by_user\n/);
    expect(ofEnded.output).toMatch(/session +ENDED at .+: ended_by_user/);
    expect(ofEnded.output).toMatch(/by session +ended_by_user +recorded .+ published /);
    expect(ofHolder.output).toMatch(/^REFUSED: token_key_unknown\n/);
    expect(ofHolder.output).toMatch(/signing key +TAINTED since /);
    expect(ofHolder.output).toMatch(/by signing_key +signing_key_tainted /);
    expect(ofNonsense.output).toMatch(/^This is no access token/);
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 2]);
    expect(asArgument).toMatchObject({ output: '', errors: expect.stringMatching(/^usage:/) });
    const shown = outcomes.map(({ output, errors }) => output + errors).join('\n');
    for (const each of [live, ended, holder]) {
      for (const segment of each.accessToken.split('.').slice(1)) {
        expect(shown).not.toContain(segment);
      }
    }
  });
});
