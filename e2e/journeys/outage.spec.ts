import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { readFileSync } from 'node:fs';
import { DevCa } from '@sallyport/dev-ca';
import { logIn, placeOrder, refreshCookieOf, signUp } from '../src/customers';
import type { Customer, PlacedOrder } from '../src/customers';
import { SERVICES } from '../src/cluster-facts';
import { eventually } from '../src/eventually';
import { needs } from '../src/needs';
import { startOwnCluster } from '../src/own-cluster';
import type { OwnCluster } from '../src/own-cluster';
import { PublicClient } from '../src/public-client';
import { expectUnavailable } from '../src/refusal.expectations';
import { refusalWithin } from '../src/time-to-refusal';

needs('own-cluster');

jest.setTimeout(60_000);

/** Twice what a gateway is given otherwise: within it something is done, on a machine that is busy with it. */
const BOUND_MS = 4_000;

interface Invoice {
  readonly id: string;
  readonly orderId: string;
  readonly status: string;
}

let own: OwnCluster;
let client: PublicClient;
let customer: Customer;
beforeAll(async () => {
  own = await startOwnCluster({
    'orders-service': { RECONCILE_INTERVAL_SECONDS: '1', RECONCILE_AFTER_SECONDS: '2' },
    gateway: { REVOCATION_BOUND_MS: String(BOUND_MS) },
  });
  client = new PublicClient(own.cluster);
});
afterAll(() => own.stop());
beforeEach(async () => {
  customer = await signUp(client);
});

const read = (path: string) => client.send({ path, accessToken: customer.accessToken });
const refresh = (cookie: string) =>
  client.send({ method: 'POST', path: '/auth/refresh', headers: [['Cookie', cookie]] });
const signIn = () =>
  client.send({
    method: 'POST',
    path: '/auth/login',
    json: { email: customer.email, password: customer.password },
  });

/** Without the feed of revocations tokens are good for the bound, and no longer. */
async function expectTokensGoodForTheBound(since: number): Promise<void> {
  expect(await read('/orders')).toMatchObject({ status: 200 });
  expect(await placeOrder(client, customer)).toMatchObject({ status: 'confirmed' });
  const { response } = await refusalWithin(BOUND_MS + 500, () => read('/orders'), since);
  expectUnavailable(response, 'authentication_unavailable');
  expect(await client.send({ path: '/products' })).toMatchObject({ status: 200 });
}

async function expectEverythingWorks(): Promise<void> {
  for (const ask of [signIn, () => read('/orders')]) {
    expect(await eventually(ask, ({ status }) => status === 200)).toMatchObject({ status: 200 });
  }
  expect(await placeOrder(client, customer)).toMatchObject({ status: 'confirmed' });
}

async function itemsOf<Item>(path: string): Promise<readonly Item[]> {
  const { status, json } = await read(`${path}?limit=100`);
  expect(status).toBe(200);
  return (json as { readonly items: readonly Item[] }).items;
}

describe('billing-service, killed while it charges', () => {
  /** The kill comes with so many orders of a wave answered, and the others somewhere on their way. */
  const KILLED_AFTER_ANSWERS = [1, 3, 5];
  const ORDERS_AT_ONCE = 8;

  const send = (key: string) =>
    client.send({
      method: 'POST',
      path: '/orders',
      accessToken: customer.accessToken,
      headers: [['Idempotency-Key', key]],
      json: { items: [{ sku: 'keep-key', quantity: 1 }] },
    });

  it('loses no order, charges none twice, and leaves none pending', async () => {
    const accepted = new Map<string, PlacedOrder>();
    const place = async (): Promise<void> => {
      const key = randomUUID();
      const { status, json } = await send(key);
      expect(status).toBe(201);
      accepted.set(key, json as PlacedOrder);
    };
    const bystander = await signUp(client);
    for (const killedAfter of KILLED_AFTER_ANSWERS) {
      await eventually(
        () => placeOrder(client, bystander),
        ({ status }) => status === 'confirmed',
      );
      const wave = Array.from({ length: ORDERS_AT_ONCE }, place);
      await countOf(killedAfter, wave);
      await own.cluster.kill('billing-service');
      await Promise.all(wave);
      // One while it is down, which nobody charges yet.
      await place();
      await own.cluster.restart('billing-service');
    }
    const answered = [...accepted.values()].map(({ status }) => status);
    expect(new Set(answered)).toEqual(new Set(['confirmed', 'pending']));

    // Clients that lost the answer ask again, while the reconciler settles the same orders.
    const repeated = await Promise.all([...accepted.keys()].slice(-4).map(send));
    expect(repeated.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const orders = await eventually(
      () => itemsOf<PlacedOrder>('/orders'),
      (all) => all.every(({ status }) => status !== 'pending'),
    );
    const invoices = await itemsOf<Invoice>('/invoices');

    const idsOf = (all: Iterable<PlacedOrder>) => [...all].map(({ id }) => id).sort();
    const confirmed = orders.filter(({ status }) => status === 'confirmed');
    const cancelled = orders.filter(({ status }) => status === 'cancelled');
    expect(idsOf(orders)).toEqual(idsOf(accepted.values()));
    expect(confirmed.length + cancelled.length).toBe(accepted.size);
    for (const { id, status } of accepted.values()) {
      if (status === 'confirmed') expect(idsOf(confirmed)).toContain(id);
    }
    const charges = invoices.filter(({ status }) => status === 'paid');
    expect(charges.map(({ id, orderId }) => [orderId, id]).sort()).toEqual(
      confirmed.map(({ id, invoiceId }) => [id, invoiceId]).sort(),
    );
  });
});

describe('auth-service, killed', () => {
  it('opens no session, leaves tokens good for the bound, and recovers with the sessions', async () => {
    await own.cluster.kill('auth-service');
    const since = performance.now();
    try {
      await expectTokensGoodForTheBound(since);
      expectUnavailable(await signIn(), 'service_unavailable');
      expectUnavailable(await refresh(customer.cookie), 'service_unavailable');
    } finally {
      await own.cluster.restart('auth-service');
    }

    await expectEverythingWorks();
    const refreshed = await refresh(customer.cookie);
    expect(refreshed.status).toBe(200);
    expect(refreshCookieOf(refreshed)).toBeDefined();
  });
});

describe('the shared state, unreachable', () => {
  it('lets nobody sign in uncounted, lets everybody else go on for the bound, and recovers', async () => {
    await own.sharedState.interrupt();
    const since = performance.now();
    try {
      await expectTokensGoodForTheBound(since);
      expectUnavailable(await signIn(), 'service_unavailable');
    } finally {
      await own.sharedState.restore();
    }

    await expectEverythingWorks();
  });
});

describe('the gateway, killed and started again', () => {
  it('knows the sessions of before', async () => {
    const order = await placeOrder(client, customer);
    await own.cluster.kill('gateway');
    await expect(read('/orders')).rejects.toThrow();
    await own.cluster.restart('gateway');

    expect(await read(`/orders/${order.id}`)).toMatchObject({ status: 200, json: order });
    expect(await refresh(customer.cookie)).toMatchObject({ status: 200 });
    expect(await logIn(client, customer)).toMatchObject({ userId: customer.userId });
  });
});

describe('all certificates, issued anew under load', () => {
  const ROUNDS = 3;
  const AT_ONCE = 4;

  it('fail no request', async () => {
    const ca = await DevCa.openExisting(own.cluster.certsFolder);
    const before = await publicFingerprint();
    const { id } = await placeOrder(client, customer);
    let isOver = false;
    const statuses: number[] = [];
    const load = Array.from({ length: AT_ONCE }, async () => {
      while (!isOver) statuses.push((await read(`/orders/${id}`)).status);
    });
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const service of SERVICES) await ca.issueWorkload(service);
        await ca.issuePublic();
        await delay(700);
      }
      const after = await eventually(publicFingerprint, (current) => current !== before);
      expect(after).not.toBe(before);
    } finally {
      isOver = true;
    }
    await Promise.all(load);

    expect(statuses.length).toBeGreaterThan(ROUNDS * AT_ONCE);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    // The order goes through all four services on certificates that did not exist before.
    expect(await placeOrder(client, customer)).toMatchObject({ status: 'confirmed' });
  });
});

/** Resolves as soon as so many of the promises have. */
function countOf(count: number, promises: readonly Promise<unknown>[]): Promise<void> {
  let resolved = 0;
  return new Promise((resolve, reject) => {
    for (const promise of promises) {
      promise.then(() => {
        resolved += 1;
        if (resolved === count) resolve();
      }, reject);
    }
  });
}

/** Of the certificate that the gateway shows the public. */
async function publicFingerprint(): Promise<string> {
  const { port, hostname: servername } = new URL(own.cluster.gatewayUrl);
  const socket = connect({
    host: '127.0.0.1',
    port: Number(port),
    servername,
    ca: readFileSync(own.cluster.caFile),
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.destroy();
    });
  });
}
