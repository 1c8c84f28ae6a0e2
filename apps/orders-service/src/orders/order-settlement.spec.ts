import { createDatabase, migrateToLatest, type Database } from '@sallyport/persistence';
import { postgresForTests } from '@sallyport/testing';
import { migrations } from '../migrations';
import {
  HeldCall,
  InMemoryBilling,
  lostReply,
  lostRequest,
  ScriptedTransport,
} from './billing.fixture';
import type { Order } from './order';
import { OWNER, replicaOf } from './orders.fixture';
import type { OrdersTables } from './orders.tables';

const TOKEN = 'the.presented.token';

let database: Database<OrdersTables>;

beforeAll(async () => {
  database = createDatabase({ url: await postgresForTests(), applicationName: 'orders-service' });
  await migrateToLatest(database.db, migrations);
});

afterAll(() => database.close());

let keys = 0;

function setUp() {
  const billing = new InMemoryBilling();
  const transport = new ScriptedTransport(billing);
  const replica = replicaOf(database, transport);
  keys += 1;
  const request = {
    idempotencyKey: `settlement-${keys}`,
    items: [{ sku: 'gate-bar', quantity: 1 }],
  };
  return {
    ...replica,
    billing,
    transport,
    create: async () => (await replica.service.create(OWNER, request, TOKEN)).order,
    /** The order, once it is stored. */
    placed: async () => {
      const order = await replica.orders.findByKey(OWNER, request.idempotencyKey);
      if (!order) throw new Error('not placed');
      return order;
    },
    /** What the order and its invoice are in the end: they must tell the same story. */
    outcome: async ({ id }: Order) => {
      const order = await replica.service.get(OWNER, id);
      const invoice = billing.invoices.get(id);
      expect(order.invoiceId).toBe(invoice?.id);
      return [order.status, invoice?.status];
    },
  };
}

const CONFIRMED = ['confirmed', 'INVOICE_STATUS_PAID'];
const CANCELLED_VOIDED = ['cancelled', 'INVOICE_STATUS_VOIDED'];
const CANCELLED_UNCHARGED = ['cancelled', undefined];

describe('a charge whose outcome was not known', () => {
  test('is confirmed by the reconciler when billing had committed it', async () => {
    const { create, transport, reconciler, outcome } = setUp();
    transport.script('chargeOrder', lostReply);
    const order = await create();

    await reconciler.run();

    expect(await outcome(order)).toEqual(CONFIRMED);
  });

  test('is cancelled by the reconciler when it never arrived', async () => {
    const { create, transport, reconciler, outcome } = setUp();
    transport.script('chargeOrder', lostRequest);
    const order = await create();

    await reconciler.run();

    expect(await outcome(order)).toEqual(CANCELLED_UNCHARGED);
  });

  test('is refused when it arrives after the reconciler has barred it', async () => {
    const { create, placed, transport, reconciler, outcome } = setUp();
    const charge = new HeldCall('request');
    transport.script('chargeOrder', charge.script);
    const creation = create();
    await charge.reached;

    await reconciler.run();
    expect((await placed()).status).toBe('cancelled');
    charge.release();

    expect((await creation).status).toBe('cancelled');
    expect(await outcome(await placed())).toEqual(CANCELLED_UNCHARGED);
  });

  test('is refused before the order that barred it could be told so', async () => {
    const { create, placed, transport, reconciler, outcome } = setUp();
    const [charge, resolution] = [new HeldCall('request'), new HeldCall('reply')];
    transport.script('chargeOrder', charge.script);
    transport.script('resolveOrderCharge', resolution.script);
    const creation = create();
    await charge.reached;
    const pass = reconciler.run();
    await resolution.reached;

    charge.release();
    expect((await creation).status).toBe('cancelled');
    resolution.release();
    await pass;

    expect(await outcome(await placed())).toEqual(CANCELLED_UNCHARGED);
  });

  test('is confirmed once when its reply arrives after the reconciler has confirmed it', async () => {
    const { create, placed, transport, reconciler, outcome } = setUp();
    const charge = new HeldCall('reply');
    transport.script('chargeOrder', charge.script);
    const creation = create();
    await charge.reached;

    await reconciler.run();
    expect((await placed()).status).toBe('confirmed');
    charge.release();

    expect((await creation).status).toBe('confirmed');
    expect(await outcome(await placed())).toEqual(CONFIRMED);
  });

  test('is confirmed once when a repeated call overtakes it', async () => {
    const { create, transport, outcome } = setUp();
    const first = new HeldCall('request');
    transport.script('chargeOrder', first.script);
    const creation = create();
    await first.reached;

    const order = await create();
    expect(order.status).toBe('confirmed');
    first.release();

    expect(await creation).toEqual(order);
    expect(await outcome(order)).toEqual(CONFIRMED);
  });
});

describe('a cancellation during the charge', () => {
  test('voids a charge that was committed and whose reply is under way', async () => {
    const { create, placed, service, transport, outcome } = setUp();
    const charge = new HeldCall('reply');
    transport.script('chargeOrder', charge.script);
    const creation = create();
    await charge.reached;

    const { id } = await placed();
    expect((await service.cancel(OWNER, id)).status).toBe('cancelled');
    charge.release();

    expect((await creation).status).toBe('cancelled');
    expect(await outcome(await placed())).toEqual(CANCELLED_VOIDED);
  });

  test('bars a charge that has not arrived', async () => {
    const { create, placed, service, transport, outcome } = setUp();
    const charge = new HeldCall('request');
    transport.script('chargeOrder', charge.script);
    const creation = create();
    await charge.reached;

    const { id } = await placed();
    expect((await service.cancel(OWNER, id)).status).toBe('cancelled');
    charge.release();

    expect((await creation).status).toBe('cancelled');
    expect(await outcome(await placed())).toEqual(CANCELLED_UNCHARGED);
  });

  test('is not undone by a charge that commits and replies before the void arrives', async () => {
    const { create, placed, service, transport, outcome } = setUp();
    const [charge, voiding] = [new HeldCall('request'), new HeldCall('request')];
    transport.script('chargeOrder', charge.script);
    transport.script('voidOrderCharge', voiding.script);
    const creation = create();
    await charge.reached;
    const cancellation = service.cancel(OWNER, (await placed()).id);
    await voiding.reached;

    charge.release();
    expect((await creation).status).toBe('cancelling');
    voiding.release();

    expect((await cancellation).status).toBe('cancelled');
    expect(await outcome(await placed())).toEqual(CANCELLED_VOIDED);
  });

  test('is finished by the reconciler, also when billing had voided and the reply was lost', async () => {
    const { create, service, transport, reconciler, outcome } = setUp();
    const order = await create();
    transport.script('voidOrderCharge', lostReply);
    expect((await service.cancel(OWNER, order.id)).status).toBe('cancelling');

    await reconciler.run();

    expect(await outcome(order)).toEqual(CANCELLED_VOIDED);
  });
});

describe('a cancellation during the reconciliation', () => {
  test.each([
    ['was charged', lostReply, CANCELLED_VOIDED],
    ['was not charged', lostRequest, CANCELLED_UNCHARGED],
  ])('wins over the answer under way when the order %s', async (_name, fault, outcomes) => {
    const { create, service, transport, reconciler, outcome } = setUp();
    transport.script('chargeOrder', fault);
    const resolution = new HeldCall('reply');
    transport.script('resolveOrderCharge', resolution.script);
    const order = await create();
    const pass = reconciler.run();
    await resolution.reached;

    expect((await service.cancel(OWNER, order.id)).status).toBe('cancelled');
    resolution.release();
    await pass;

    expect(await outcome(order)).toEqual(outcomes);
  });

  test('cancels an order that the reconciler has confirmed meanwhile', async () => {
    const { create, service, transport, reconciler, outcome } = setUp();
    transport.script('chargeOrder', lostReply);
    const order = await create();
    const voiding = new HeldCall('request');
    transport.script('voidOrderCharge', voiding.script);
    await reconciler.run();
    const cancellation = service.cancel(OWNER, order.id);
    await voiding.reached;

    await reconciler.run();
    voiding.release();
    await cancellation;

    expect(await outcome(order)).toEqual(CANCELLED_VOIDED);
  });
});
