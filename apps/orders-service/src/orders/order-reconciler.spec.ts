import { setTimeout } from 'node:timers/promises';
import { createDatabase, migrateToLatest, type Database } from '@sallyport/persistence';
import { postgresForTests } from '@sallyport/testing';
import { migrations } from '../migrations';
import { HeldCall, InMemoryBilling, lostRequest, ScriptedTransport } from './billing.fixture';
import { pauseBetweenPasses } from './order-reconciler';
import { OWNER, replicaOf } from './orders.fixture';
import type { OrdersTables } from './orders.tables';

const TOKEN = 'the.presented.token';

let database: Database<OrdersTables>;

beforeAll(async () => {
  database = createDatabase({ url: await postgresForTests(), applicationName: 'orders-service' });
  await migrateToLatest(database.db, migrations);
});

afterAll(() => database.close());

beforeEach(async () => {
  await database.db.deleteFrom('order_items').execute();
  await database.db.deleteFrom('orders').execute();
});

function setUp({ graceSeconds = 0, intervalSeconds = 3_600 } = {}) {
  const billing = new InMemoryBilling();
  const transport = new ScriptedTransport(billing);
  const replica = replicaOf(database, transport, { graceSeconds, intervalSeconds });
  return {
    ...replica,
    billing,
    transport,
    /** Places orders whose charge is lost on its way. */
    placePending: async (count: number) => {
      transport.script('chargeOrder', ...Array.from({ length: count }, () => lostRequest));
      const items = [{ sku: 'keep-key', quantity: 1 }];
      for (let index = 0; index < count; index += 1) {
        await replica.service.create(OWNER, { idempotencyKey: `key-${index}`, items }, TOKEN);
      }
      replica.lines.length = 0;
      transport.calls.length = 0;
    },
    statuses: async () => {
      const rows = await database.db.selectFrom('orders').select('status').execute();
      return rows.map(({ status }) => status);
    },
  };
}

describe('OrderReconciler', () => {
  test('asks nothing and logs nothing when nothing is due', async () => {
    const { reconciler, transport, transactions, lines, service } = setUp();
    const items = [{ sku: 'keep-key', quantity: 1 }];
    await service.create(OWNER, { idempotencyKey: 'confirmed', items }, TOKEN);
    transport.calls.length = 0;

    await reconciler.run();

    expect(transport.calls).toEqual([]);
    expect(transactions.begun).toEqual([]);
    expect(lines).toEqual([]);
  });

  test('leaves an order to its own charge until the grace is over', async () => {
    const { reconciler, placePending, transport, statuses } = setUp({ graceSeconds: 60 });
    await placePending(1);

    await reconciler.run();
    expect(transport.calls).toEqual([]);
    expect(await statuses()).toEqual(['pending']);

    await database.db
      .updateTable('orders')
      .set({ settle_at: new Date(0) })
      .execute();
    await reconciler.run();
    expect(await statuses()).toEqual(['cancelled']);
  });

  test('loses nothing while no transaction can be begun, and asks billing nothing', async () => {
    const { reconciler, passes, placePending, transport, transactions, statuses, lines } = setUp();
    await placePending(2);
    transactions.isAway = true;

    await passes.pass();
    expect(transport.calls).toEqual([]);
    expect(await statuses()).toEqual(['pending', 'pending']);
    expect(lines).toMatchObject([{ event: 'reconciliation_failed' }]);

    transactions.isAway = false;
    await reconciler.run();
    expect(new Set(await statuses())).toEqual(new Set(['cancelled']));
  });

  test('makes a batch one transaction of this workload and tells of it in one line', async () => {
    const { reconciler, placePending, transport, transactions, lines } = setUp();
    await placePending(2);

    await reconciler.run();

    expect(transactions.begun).toEqual([
      { job: 'settle-orders', scopes: ['charges:resolve', 'charges:void'] },
    ]);
    const options = { timeoutMs: 2_000, metadata: { 'txn-token': 'settle-orders.1' } };
    expect(transport.calls.map((call) => call.options)).toEqual([options, options]);
    expect(lines).toMatchObject([
      { event: 'orders_reconciled', confirmed: 0, cancelled: 2, superseded: 0, failed: 0 },
    ]);
  });

  test('works through a backlog batch by batch', async () => {
    const { reconciler, placePending, statuses, lines } = setUp();
    await placePending(120);

    await reconciler.run();

    expect(new Set(await statuses())).toEqual(new Set(['cancelled']));
    expect(lines.map((line) => line['cancelled'])).toEqual([50, 50, 20]);
  });

  test('stops after one batch when billing fails, and settles every order once it is back', async () => {
    const { reconciler, placePending, transport, statuses, lines } = setUp();
    await placePending(60);
    transport.script('resolveOrderCharge', ...Array.from({ length: 50 }, () => lostRequest));

    await reconciler.run();
    expect(transport.calls).toHaveLength(50);
    expect(lines).toMatchObject([{ failed: 50, error: { message: expect.any(String) } }]);
    expect(new Set(await statuses())).toEqual(new Set(['pending']));

    await reconciler.run();
    expect(new Set(await statuses())).toEqual(new Set(['cancelled']));
  });

  test('settles the others when one order fails', async () => {
    const { reconciler, placePending, transport, statuses } = setUp();
    await placePending(3);
    transport.script('resolveOrderCharge', lostRequest);

    await reconciler.run();

    expect((await statuses()).toSorted()).toEqual(['cancelled', 'cancelled', 'pending']);
  });

  test('gives each order to one of several replicas', async () => {
    const { placePending, ...one } = setUp({ graceSeconds: 60 });
    const other = setUp({ graceSeconds: 60 });
    await placePending(40);
    await database.db
      .updateTable('orders')
      .set({ settle_at: new Date(0) })
      .execute();

    await Promise.all([one, other, one, other].map(({ reconciler }) => reconciler.run()));

    expect(one.transport.calls.length + other.transport.calls.length).toBe(40);
    expect(new Set(await one.statuses())).toEqual(new Set(['cancelled']));
  });

  test('goes on after a pass that the database failed', async () => {
    const { reconciler, passes, orders, placePending, statuses, lines } = setUp();
    await placePending(1);
    const failing = jest
      .spyOn(orders, 'takeUnsettled')
      .mockRejectedValueOnce(new Error('connection lost'));

    await passes.pass();
    expect(lines).toMatchObject([
      { event: 'reconciliation_failed', error: { message: 'connection lost' } },
    ]);
    failing.mockRestore();

    await reconciler.run();
    expect(await statuses()).toEqual(['cancelled']);
  });
});

describe('the loop of OrderReconciler', () => {
  test('goes on while billing fails, until every order is settled', async () => {
    const { passes, placePending, transport, statuses } = setUp({ intervalSeconds: 0.01 });
    await placePending(2);
    transport.script('resolveOrderCharge', ...Array.from({ length: 6 }, () => lostRequest));

    passes.onApplicationBootstrap();
    while ((await statuses()).includes('pending')) await setTimeout(5);
    await passes.onModuleDestroy();

    expect(transport.calls).toHaveLength(8);
  });

  test('waits for the pass under way when it is stopped, and starts no other', async () => {
    const { passes, placePending, transport } = setUp({ intervalSeconds: 0.01 });
    await placePending(1);
    const resolution = new HeldCall('reply');
    transport.script('resolveOrderCharge', resolution.script);
    passes.onApplicationBootstrap();
    await resolution.reached;

    let stopped = false;
    const stopping = passes.onModuleDestroy().then(() => (stopped = true));
    await setTimeout(20);
    expect(stopped).toBe(false);
    resolution.release();
    await stopping;
    await placePending(1);
    await setTimeout(30);

    expect(transport.calls).toEqual([]);
  });

  test.each([
    [0, 8_000],
    [0.5, 10_000],
    [0.75, 11_000],
  ])('at the random number %d pauses %d ms of a mean of ten seconds', (random, pauseMs) => {
    expect(pauseBetweenPasses({ intervalSeconds: 10, graceSeconds: 0, random: () => random })).toBe(
      pauseMs,
    );
  });
});
