import { RpcError } from '@sallyport/contracts';
import { createDatabase, migrateToLatest, type Database } from '@sallyport/persistence';
import { postgresForTests } from '@sallyport/testing';
import { migrations } from '../migrations';
import {
  InMemoryBilling,
  lostReply,
  lostRequest,
  ScriptedTransport,
  type Script,
} from './billing.fixture';
import type { OrderRequest } from './order';
import { OWNER, replicaOf } from './orders.fixture';
import type { OrdersTables } from './orders.tables';

const STRANGER = 'user:2';
const TOKEN = 'the.presented.token';

let database: Database<OrdersTables>;

beforeAll(async () => {
  database = createDatabase({ url: await postgresForTests(), applicationName: 'orders-service' });
  await migrateToLatest(database.db, migrations);
});

afterAll(() => database.close());

let keys = 0;

function request(items: OrderRequest['items'] = [{ sku: 'gate-bar', quantity: 2 }]): OrderRequest {
  keys += 1;
  return { idempotencyKey: `service-${keys}`, items };
}

function setUp() {
  const billing = new InMemoryBilling();
  const transport = new ScriptedTransport(billing);
  return { billing, transport, ...replicaOf(database, transport) };
}

const refuse: Script = () => Promise.reject(new RpcError('PERMISSION_DENIED', 'caller_refused'));

describe('OrdersService refuses', () => {
  test('a product that is not in the catalogue, and accepts nothing', async () => {
    const { service, transport, orders } = setUp();
    const wanted = request([
      { sku: 'gate-bar', quantity: 1 },
      { sku: 'trebuchet', quantity: 1 },
    ]);

    await expect(service.create(OWNER, wanted, TOKEN)).rejects.toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'unknown_product',
    });
    expect(await orders.findByKey(OWNER, wanted.idempotencyKey)).toBeUndefined();
    expect(transport.calls).toEqual([]);
  });

  test.each([
    ['another product', [{ sku: 'watch-horn', quantity: 2 }]],
    ['another quantity', [{ sku: 'gate-bar', quantity: 3 }]],
    [
      'one item more',
      [
        { sku: 'gate-bar', quantity: 2 },
        { sku: 'watch-horn', quantity: 1 },
      ],
    ],
  ])('a key used before, now for %s', async (_name, items) => {
    const { service, transport } = setUp();
    const first = request();
    const { order } = await service.create(OWNER, first, TOKEN);

    await expect(service.create(OWNER, { ...first, items }, TOKEN)).rejects.toMatchObject({
      status: 'ABORTED',
      reason: 'idempotency_key_reused',
    });
    expect(await service.get(OWNER, order.id)).toEqual(order);
    expect(transport.calls).toHaveLength(1);
  });

  test.each(['get', 'cancel'] as const)('to %s an order of someone else', async (method) => {
    const { service, transport } = setUp();
    const { order } = await service.create(OWNER, request(), TOKEN);

    await expect(service[method](STRANGER, order.id)).rejects.toMatchObject({
      status: 'NOT_FOUND',
      reason: 'order_not_found',
    });
    expect(await service.get(OWNER, order.id)).toEqual(order);
    expect(transport.calls).toHaveLength(1);
  });
});

describe('OrdersService', () => {
  test('lists the catalogue by SKU', async () => {
    const products = await setUp().service.listProducts();

    expect(products.map(({ sku }) => sku)).toEqual([
      'arrow-slit-shutter',
      'drawbridge-chain',
      'gate-bar',
      'gatehouse-lantern',
      'herald-banner',
      'keep-key',
      'portcullis',
      'watch-horn',
    ]);
    expect(products.every(({ price }) => price.amount > 0 && price.currency === 'EUR')).toBe(true);
  });

  test('charges the catalogue’s prices to the user of the token', async () => {
    const { service, transport, billing } = setUp();
    const wanted = request([
      { sku: 'watch-horn', quantity: 1 },
      { sku: 'gate-bar', quantity: 2 },
    ]);

    const { order, replayed } = await service.create(OWNER, wanted, TOKEN);

    expect(replayed).toBe(false);
    expect(order).toMatchObject({
      status: 'confirmed',
      items: wanted.items,
      total: { amount: 2200 + 2 * 7800, currency: 'EUR' },
      invoiceId: billing.invoices.get(order.id)?.id,
    });
    expect(billing.invoices.get(order.id)?.total).toEqual(order.total);
    expect(transport.calls[0]?.options.metadata).toEqual({ 'txn-token': TOKEN });
    expect(await service.get(OWNER, order.id)).toEqual(order);
  });

  test('answers a repeated call with the first order, whatever the sequence of its items', async () => {
    const { service, transport } = setUp();
    const items = [
      { sku: 'watch-horn', quantity: 1 },
      { sku: 'gate-bar', quantity: 2 },
    ];
    const first = request(items);
    const { order } = await service.create(OWNER, first, TOKEN);

    const repeated = { ...first, items: items.toReversed() };
    expect(await service.create(OWNER, repeated, TOKEN)).toEqual({ order, replayed: true });
    expect(transport.calls).toHaveLength(1);
  });

  test('keeps the price of the first call when the catalogue has changed', async () => {
    const { service } = setUp();
    const first = request([{ sku: 'portcullis', quantity: 1 }]);
    const { order } = await service.create(OWNER, first, TOKEN);
    await database.db.deleteFrom('products').where('sku', '=', 'portcullis').execute();

    expect(await service.create(OWNER, first, TOKEN)).toEqual({ order, replayed: true });
  });

  test('keeps the keys of two owners apart', async () => {
    const { service } = setUp();
    const wanted = request();
    const mine = await service.create(OWNER, wanted, TOKEN);
    const theirs = await service.create(STRANGER, wanted, TOKEN);

    expect(theirs.replayed).toBe(false);
    expect(theirs.order.id).not.toBe(mine.order.id);
  });

  test('places one order when the same call arrives many times at once', async () => {
    const { service, billing } = setUp();
    const wanted = request();

    const results = await Promise.all(
      Array.from({ length: 12 }, () => service.create(OWNER, wanted, TOKEN)),
    );

    expect(new Set(results.map(({ order }) => order.id)).size).toBe(1);
    expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(results.every(({ order }) => order.status === 'confirmed')).toBe(true);
    expect(billing.invoices.size).toBe(1);
  });

  test.each([
    ['the request is lost', lostRequest],
    ['the reply is lost', lostReply],
    ['billing refuses the call', refuse],
  ])('keeps an order pending when %s, and a repeated call confirms it', async (_name, script) => {
    const { service, transport, billing, lines } = setUp();
    transport.script('chargeOrder', script);
    const wanted = request();

    const first = await service.create(OWNER, wanted, TOKEN);
    expect(first.order).toMatchObject({ status: 'pending', invoiceId: undefined });
    expect(lines).toMatchObject([{ event: 'order_unsettled', orderId: first.order.id }]);
    expect(JSON.stringify(lines)).not.toContain(TOKEN);

    const second = await service.create(OWNER, wanted, 'a.fresh.token');
    expect(second).toMatchObject({ replayed: true, order: { status: 'confirmed' } });
    expect(second.order.invoiceId).toBe(billing.invoices.get(first.order.id)?.id);
    expect(transport.calls[1]?.options.metadata).toEqual({ 'txn-token': 'a.fresh.token' });
  });

  test('cancels a confirmed order by voiding its invoice, and a repeated call changes nothing', async () => {
    const { service, billing, transport } = setUp();
    const { order } = await service.create(OWNER, request(), TOKEN);

    const cancelled = await service.cancel(OWNER, order.id);

    expect(cancelled).toEqual({ ...order, status: 'cancelled' });
    expect(billing.invoices.get(order.id)?.status).toBe('INVOICE_STATUS_VOIDED');
    expect(await service.cancel(OWNER, order.id)).toEqual(cancelled);
    expect(transport.calls.map(({ method }) => method)).toEqual(['chargeOrder', 'voidOrderCharge']);
  });

  test('cancels a pending order so that no later charge can reach it', async () => {
    const { service, billing, transport } = setUp();
    transport.script('chargeOrder', lostRequest);
    const wanted = request();
    const { order } = await service.create(OWNER, wanted, TOKEN);

    expect(await service.cancel(OWNER, order.id)).toMatchObject({ status: 'cancelled' });
    expect(await service.create(OWNER, wanted, TOKEN)).toMatchObject({
      replayed: true,
      order: { status: 'cancelled', invoiceId: undefined },
    });
    expect(billing.invoices.get(order.id)).toBeUndefined();
  });

  test.each([
    ['the request is lost', lostRequest],
    ['the reply is lost', lostReply],
  ])('stays cancelling when %s, and a repeated call finishes', async (_name, script) => {
    const { service, billing, transport } = setUp();
    const wanted = request();
    const { order } = await service.create(OWNER, wanted, TOKEN);
    transport.script('voidOrderCharge', script);

    expect(await service.cancel(OWNER, order.id)).toEqual({ ...order, status: 'cancelling' });
    expect(await service.create(OWNER, wanted, TOKEN)).toMatchObject({
      order: { status: 'cancelling' },
    });
    expect(await service.cancel(OWNER, order.id)).toEqual({ ...order, status: 'cancelled' });
    expect(billing.invoices.get(order.id)?.status).toBe('INVOICE_STATUS_VOIDED');
  });

  test('stays cancelling while no transaction can be begun, and a repeated call finishes', async () => {
    const { service, transport, transactions } = setUp();
    const { order } = await service.create(OWNER, request(), TOKEN);
    transactions.isAway = true;

    expect(await service.cancel(OWNER, order.id)).toEqual({ ...order, status: 'cancelling' });
    expect(transport.calls.map(({ method }) => method)).toEqual(['chargeOrder']);

    transactions.isAway = false;
    expect(await service.cancel(OWNER, order.id)).toEqual({ ...order, status: 'cancelled' });
    expect(transactions.begun).toEqual([{ job: 'cancel-order', scopes: ['charges:void'] }]);
    expect(transport.calls.at(-1)?.options.metadata).toEqual({ 'txn-token': 'cancel-order.1' });
  });

  test('pages through the owner’s orders, newest first, each once', async () => {
    const { service } = setUp();
    const owner = 'user:pages';
    const placed: string[] = [];
    for (let count = 0; count < 7; count += 1) {
      placed.unshift((await service.create(owner, request(), TOKEN)).order.id);
    }
    // Equal times are told apart by their ids.
    await database.db
      .updateTable('orders')
      .set({ created_at: new Date('2026-01-01T00:00:00.123Z') })
      .where('id', 'in', placed.slice(2, 6))
      .execute();

    const all = (await service.list(owner, { size: 100 })).rows;
    const seen: string[] = [];
    let pages = 0;
    for (let after: { id: string; createdAt: Date } | undefined, more = true; more; pages += 1) {
      const page = await service.list(owner, after ? { size: 3, after } : { size: 3 });
      seen.push(...page.rows.map(({ id }) => id));
      after = page.rows.at(-1);
      more = page.nextPageToken !== '';
    }

    expect(pages).toBe(3);
    expect(seen).toEqual(all.map(({ id }) => id));
    expect(new Set(seen)).toEqual(new Set(placed));
    expect((await service.list('user:nobody', { size: 3 })).rows).toEqual([]);
  });
});
