import { setTimeout as delay } from 'node:timers/promises';
import { listApiKeys, makeApiKey, rotateApiKey, sendWithKey } from '../src/api-keys';
import type { HeldApiKey } from '../src/api-keys';
import { sharedCluster } from '../src/cluster-facts';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { startGatewayReplica } from '../src/gateway-replica';
import type { GatewayReplica } from '../src/gateway-replica';
import { needs } from '../src/needs';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import { SteadyLoad } from '../src/steady-load';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

needs('databases', 'gateway-replica', 'logs');

jest.setTimeout(60_000);

const PER_SECOND = 200;

const facts = sharedCluster();
let replica: GatewayReplica;
/** Of each of the two gateways, over connections that are kept. */
let clients: readonly [PublicClient, PublicClient];
let client: PublicClient;
let owner: Customer;
beforeAll(async () => {
  replica = await startGatewayReplica(facts);
  clients = [
    new PublicClient(facts, { connections: 4 }),
    new PublicClient(facts, { connections: 4, port: replica.port }),
  ];
  [client] = clients;
  owner = await signUp(client);
});
afterAll(async () => {
  for (const each of clients) each.close();
  await replica.stop();
});

const statusesOf = (key: HeldApiKey): Promise<readonly number[]> =>
  Promise.all(clients.map(async (at) => (await sendWithKey(at, key)).status));

/** By both gateways within the stated bound. */
async function expectRefusedAtBoth(key: HeldApiKey, since: number): Promise<void> {
  const refusals = await Promise.all(
    clients.map((at) => refusalWithin(STATED_BOUND_MS, () => sendWithKey(at, key), since)),
  );
  for (const { response } of refusals) {
    expect(response).toMatchObject({ status: 401, problem: { code: 'invalid_api_key' } });
  }
}

it('costs no request to rotate a key: both secrets are good through the overlap', async () => {
  const old = await makeApiKey(client, owner);
  // What clients are given, one after the other.
  const held = [old];
  const load = new SteadyLoad({
    perSecond: PER_SECOND,
    atOnce: 8,
    work: async (turn) => {
      const key = held[turn % held.length] ?? old;
      const { status, body } = await sendWithKey(clients[turn % 3 === 0 ? 1 : 0], key);
      return status === 200 ? undefined : `${status} ${body}`;
    },
  });
  await delay(1_000);
  const next = await rotateApiKey(client, owner, old, 600);
  await delay(500);
  held.push(next);
  await delay(1_500);
  const { done, failures } = await load.stop();

  expect(failures).toEqual([]);
  // A busy machine gives less than was asked for, but not so little.
  expect(done).toBeGreaterThan(PER_SECOND / 4);
  const [shown] = await listApiKeys(client, owner);
  expect(shown).toMatchObject({
    id: old.id,
    current: { lastUsedAt: expect.any(String), validUntil: null },
    previous: { lastUsedAt: expect.any(String), validUntil: expect.any(String) },
  });
  const { current, previous } = shown ?? {};
  const overlapMs = Date.parse(previous?.validUntil ?? '') - Date.parse(current?.createdAt ?? '');
  expect(overlapMs).toBe(600_000);
});

describe('what was done at one gateway', () => {
  it('makes a key work at both', async () => {
    expect(await statusesOf(await makeApiKey(client, owner))).toEqual([200, 200]);
  });

  it('ends a key at both', async () => {
    const key = await makeApiKey(client, owner);
    const other = await makeApiKey(client, owner);
    expect(await statusesOf(key)).toEqual([200, 200]);
    const path = `/api-keys/${key.id}`;
    await client.send({ method: 'DELETE', path, accessToken: owner.accessToken });
    await expectRefusedAtBoth(key, performance.now());
    expect(await statusesOf(other)).toEqual([200, 200]);
  });

  it('ends the secret of before at both, and at the end of its overlap', async () => {
    const first = await makeApiKey(client, owner);
    expect(await statusesOf(first)).toEqual([200, 200]);
    const second = await rotateApiKey(client, owner, first, 2);
    const since = performance.now();
    expect(await statusesOf(first)).toEqual([200, 200]);
    // Both had remembered it as one without an end.
    await delay(2_000);
    await expectRefusedAtBoth(first, since + 2_000);
    expect(await statusesOf(second)).toEqual([200, 200]);
    const third = await rotateApiKey(client, owner, second, 0);
    await expectRefusedAtBoth(second, performance.now());
    expect(await statusesOf(third)).toEqual([200, 200]);
  });

  it('ends all keys of an account at both, when an operator wants that', async () => {
    const operator = await newOperator(client, facts);
    const keys = [await makeApiKey(client, owner), await makeApiKey(client, owner)];
    for (const key of keys) expect(await statusesOf(key)).toEqual([200, 200]);
    const answer = await client.send({
      method: 'POST',
      path: '/admin/accounts/revoke-api-keys',
      accessToken: operator.accessToken,
      json: { account: owner.email },
    });
    const since = performance.now();
    expect(answer).toMatchObject({ status: 200, json: { id: owner.userId } });
    for (const key of keys) await expectRefusedAtBoth(key, since);
  });
});
