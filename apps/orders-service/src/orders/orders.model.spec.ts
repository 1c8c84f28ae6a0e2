import { RpcError } from '@sallyport/contracts';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { createDatabase, migrateToLatest, type Database } from '@sallyport/persistence';
import { postgresForTests, RecordedSecurityEvents } from '@sallyport/testing';
import type { Principal } from '@sallyport/principal';
import fc from 'fast-check';
// The real billing-service answers: a fake would only repeat what orders-service believes of it.
/* eslint-disable @nx/enforce-module-boundaries */
import { InvoicesController } from '../../../billing-service/src/invoices/invoices.controller';
import { InvoicesRepository } from '../../../billing-service/src/invoices/invoices.repository';
import { InvoicesService } from '../../../billing-service/src/invoices/invoices.service';
import type { BillingTables } from '../../../billing-service/src/invoices/invoices.tables';
import { migrations as billingMigrations } from '../../../billing-service/src/migrations';
/* eslint-enable @nx/enforce-module-boundaries */
import { migrations } from '../migrations';
import {
  lostRequest,
  ScriptedTransport,
  type BillingBackend,
  type Script,
} from './billing.fixture';
import type { OrderRequest } from './order';
import { OWNER, replicaOf } from './orders.fixture';
import type { OrdersRepository } from './orders.repository';
import type { OrdersTables } from './orders.tables';

const METHODS = ['chargeOrder', 'resolveOrderCharge', 'voidOrderCharge'] as const;
const USER: Principal = { id: '1', type: 'user', scopes: new Set(['orders:write']) };

let orders: Database<OrdersTables>;
let billing: Database<BillingTables>;

beforeAll(async () => {
  orders = createDatabase({ url: await postgresForTests(), applicationName: 'orders-service' });
  billing = createDatabase({ url: await postgresForTests(), applicationName: 'billing-service' });
  await migrateToLatest(orders.db, migrations);
  await migrateToLatest(billing.db, billingMigrations);
});

afterAll(() => Promise.all([orders.close(), billing.close()]));

function invoicesService(): InvoicesService {
  return new InvoicesService(new InvoicesRepository(billing), new RecordedSecurityEvents());
}

/** What billing-service runs once its guards have let a call through, with its refusals as they travel. */
function billingService(): BillingBackend {
  const controller = new InvoicesController(invoicesService());
  const overTheWire = <Response>(response: Promise<Response>): Promise<Response> =>
    response.catch((error: unknown) => {
      if (error instanceof ServiceError) throw new RpcError(error.status, error.reason);
      throw error;
    });
  return {
    chargeOrder: (request) => overTheWire(controller.chargeOrder(request, USER)),
    resolveOrderCharge: (request) => overTheWire(controller.resolveOrderCharge(request)),
    voidOrderCharge: (request) => overTheWire(controller.voidOrderCharge(request)),
  };
}

/** Runs one step of a race when its turn comes. */
type Turns = <Result>(step: () => Promise<Result>) => Promise<Result>;

const atOnce: Turns = (step) => step();
const inTurn =
  (scheduler: fc.Scheduler): Turns =>
  (step) =>
    scheduler.scheduleFunction(step)();

class ProcessDied extends Error {}

/** The turns of a process that dies after so many steps. */
function mortal(turns: Turns, steps: number): Turns {
  let left = steps;
  return (step) => {
    left -= 1;
    return left < 0 ? Promise.reject(new ProcessDied()) : turns(step);
  };
}

/** Each read and each change of the orders waits for its turn. */
function taking(turns: Turns) {
  return (repository: OrdersRepository): OrdersRepository =>
    new Proxy(repository, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => turns(() => member.apply(target, args) as Promise<unknown>);
      },
    });
}

type Fate = 'answered' | 'request lost' | 'reply lost' | 'delivered late';

/** What becomes of one call; what is delivered late arrives even when the caller has died. */
function scriptOf(fate: Fate, own: Turns, turns: Turns, late: Promise<unknown>[]): Script {
  const deadline = new RpcError('DEADLINE_EXCEEDED', 'deadline_exceeded');
  return async (deliver) => {
    switch (fate) {
      case 'answered': {
        const reply = await own(deliver);
        return own(() => Promise.resolve(reply));
      }
      case 'request lost':
        throw new RpcError('UNAVAILABLE', 'connection_lost');
      case 'reply lost':
        await own(deliver);
        throw deadline;
      case 'delivered late':
        late.push(turns(deliver).catch(() => undefined));
        throw deadline;
    }
  };
}

const KEYS = ['one', 'two'] as const;
type Key = (typeof KEYS)[number];

/** One call to a process of its own, which may die under it. */
interface Action {
  readonly act: 'create' | 'cancel' | 'reconcile' | 'refund';
  readonly key: Key;
  readonly fates: readonly Fate[];
  readonly stepsToLive: number;
}

interface Race {
  /** How each order stands before the race. */
  readonly before: Readonly<Record<Key, 'absent' | 'pending' | 'confirmed'>>;
  readonly actions: readonly Action[];
}

const action: fc.Arbitrary<Action> = fc.record({
  act: fc.constantFrom<Action['act']>('create', 'cancel', 'reconcile', 'refund'),
  key: fc.constantFrom(...KEYS),
  fates: fc.array(
    fc.constantFrom<Fate>('answered', 'request lost', 'reply lost', 'delivered late'),
    { maxLength: 2 },
  ),
  stepsToLive: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 6 })),
});

const before = fc.constantFrom<Race['before'][Key]>('absent', 'pending', 'confirmed');

const race: fc.Arbitrary<Race> = fc.record({
  before: fc.record({ one: before, two: before }),
  actions: fc.array(action, { minLength: 2, maxLength: 8 }),
});

const requestFor = (idempotencyKey: Key): OrderRequest => ({
  idempotencyKey,
  items: [{ sku: 'gate-bar', quantity: 1 }],
});

/** Forgets the last race and sets up the orders of this one. */
async function prepare({ before }: Race): Promise<void> {
  await orders.db.deleteFrom('order_items').execute();
  await orders.db.deleteFrom('orders').execute();
  await billing.db.deleteFrom('charges').execute();
  for (const key of KEYS) {
    if (before[key] === 'absent') continue;
    const transport = new ScriptedTransport(billingService());
    if (before[key] === 'pending') transport.script('chargeOrder', lostRequest);
    await replicaOf(orders, transport).service.create(OWNER, requestFor(key), 'token');
  }
}

/** What somebody was told, which must come true. */
interface Promises {
  readonly cancelled: Set<string>;
  readonly refunded: Set<string>;
}

/** Starts all actions at once. */
async function run({ actions }: Race, turns: Turns, late: Promise<unknown>[]): Promise<Promises> {
  const promised: Promises = { cancelled: new Set(), refunded: new Set() };
  const perform = async ({ act, key, fates, stepsToLive }: Action): Promise<unknown> => {
    const own = mortal(turns, stepsToLive);
    const transport = new ScriptedTransport(billingService());
    for (const method of METHODS) {
      transport.script(method, ...fates.map((fate) => scriptOf(fate, own, turns, late)));
    }
    const process = replicaOf(orders, transport, { around: taking(own) });
    switch (act) {
      case 'create':
        return process.service.create(OWNER, requestFor(key), 'token');
      case 'cancel': {
        const order = await process.orders.findByKey(OWNER, key);
        if (!order) return undefined;
        const { status } = await process.service.cancel(OWNER, order.id);
        expect(['cancelling', 'cancelled']).toContain(status);
        return promised.cancelled.add(key);
      }
      case 'reconcile':
        return process.reconciler.run();
      case 'refund': {
        const order = await process.orders.findByKey(OWNER, key);
        const charge = order && (await own(() => chargeFor(order.id)));
        const invoiceId = charge?.invoice_id;
        if (!invoiceId) return undefined;
        const refund = own(() => invoicesService().refund(USER, invoiceId));
        if (await isRefused(refund)) return undefined;
        return promised.refunded.add(key);
      }
    }
  };
  await Promise.all(
    actions.map((each) =>
      perform(each).catch((error: unknown) => {
        if (!(error instanceof ProcessDied)) throw error;
      }),
    ),
  );
  return promised;
}

function chargeFor(orderId: string) {
  const query = billing.db.selectFrom('charges').selectAll().where('order_id', '=', orderId);
  return query.executeTakeFirst();
}

/** Whether the invoice had been voided before. */
function isRefused(refund: Promise<unknown>): Promise<boolean> {
  return refund.then(
    () => false,
    (error: unknown) => {
      if (error instanceof ServiceError && error.reason === 'invoice_not_refundable') return true;
      throw error;
    },
  );
}

/** Another replica, and a billing that answers, settle what is left. */
async function settle(): Promise<void> {
  await replicaOf(orders, new ScriptedTransport(billingService())).reconciler.run();
}

async function expectConsistency(promised: Promises): Promise<void> {
  const placed = await orders.db.selectFrom('orders').selectAll().execute();
  const charges = await billing.db.selectFrom('charges').selectAll().execute();
  const chargeOf = new Map(charges.map((charge) => [charge.order_id, charge]));
  for (const order of placed) {
    const charge = chargeOf.get(order.id);
    if (order.status === 'confirmed') {
      expect(charge).toMatchObject({ owner: OWNER, amount: order.amount });
      expect(['charged', 'refunded']).toContain(charge?.state);
    } else {
      expect(order.status).toBe('cancelled');
      expect(['voided', 'refunded', 'barred']).toContain(charge?.state);
    }
    expect(order.invoice_id).toBe(charge?.invoice_id);
    const key = order.idempotency_key;
    if (promised.cancelled.has(key)) expect(order.status).toBe('cancelled');
    expect(charge?.state === 'refunded').toBe(promised.refunded.has(key));
    chargeOf.delete(order.id);
  }
  expect(chargeOf.size).toBe(0);
}

describe('orders and billing, whatever is lost or late and in whatever sequence', () => {
  test('agree in the end when every step happens in an arbitrary turn', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), race, async (scheduler, attempted) => {
        await prepare(attempted);
        const promised = await scheduler.waitFor(run(attempted, inTurn(scheduler), []));
        await settle();
        // What was delivered late arrives after everything was settled.
        await scheduler.waitIdle();
        await expectConsistency(promised);
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  test('agree in the end when everything happens at once', async () => {
    await fc.assert(
      fc.asyncProperty(race, async (attempted) => {
        await prepare(attempted);
        const late: Promise<unknown>[] = [];
        const promised = await run(attempted, atOnce, late);
        await settle();
        await Promise.all(late);
        await expectConsistency(promised);
      }),
      { numRuns: 75 },
    );
  }, 120_000);
});
