import { randomUUID } from 'node:crypto';
import type { ServiceError } from '@sallyport/nest-zero-trust';
import { createDatabase, migrateToLatest, type Database } from '@sallyport/persistence';
import type { Principal } from '@sallyport/principal';
import { postgresForTests, RecordedSecurityEvents } from '@sallyport/testing';
import fc from 'fast-check';
import { migrations } from '../migrations';
import { InvoicesRepository } from './invoices.repository';
import { InvoicesService } from './invoices.service';
import type { BillingTables } from './invoices.tables';

const OWNER = 'user:1';
const STRANGER = 'user:2';
const scopes = new Set(['billing:refund']);
const USER: Principal = { id: '1', type: 'user', sessionId: 's-1', scopes };
const TERMS = { amount: 7800, currency: 'EUR' };

let database: Database<BillingTables>;
let service: InvoicesService;
const events = new RecordedSecurityEvents();

beforeAll(async () => {
  database = createDatabase({
    url: await postgresForTests(),
    applicationName: 'billing-service',
  });
  await migrateToLatest(database.db, migrations);
  service = new InvoicesService(new InvoicesRepository(database), events);
});

afterAll(() => database.close());
beforeEach(() => {
  events.clear();
});

async function recorded(orderId: string): Promise<unknown[]> {
  return database.db
    .selectFrom('charges')
    .select(['state', 'owner', 'amount', 'currency'])
    .where('order_id', '=', orderId)
    .execute();
}

describe('InvoicesService.charge refuses', () => {
  test.each([
    ['another user', STRANGER, TERMS],
    ['another amount', OWNER, { ...TERMS, amount: 7801 }],
    ['another currency', OWNER, { ...TERMS, currency: 'USD' }],
  ])('an order that is charged, for %s', async (_name, owner, terms) => {
    const orderId = randomUUID();
    await service.charge(OWNER, orderId, TERMS);

    await expect(service.charge(owner, orderId, terms)).rejects.toMatchObject({
      status: 'ABORTED',
      reason: 'charge_terms_differ',
    });
    expect(await recorded(orderId)).toEqual([{ state: 'charged', owner: OWNER, ...TERMS }]);
  });

  test.each([
    ['was voided', ['charge', 'void'], { state: 'voided', owner: OWNER, ...TERMS }],
    [
      'was barred by a void',
      ['void'],
      { state: 'barred', owner: null, amount: null, currency: null },
    ],
    [
      'was barred by a resolution',
      ['resolve'],
      { state: 'barred', owner: null, amount: null, currency: null },
    ],
  ])('an order whose charge %s', async (_name, before, row) => {
    const orderId = randomUUID();
    if (before.includes('charge')) await service.charge(OWNER, orderId, TERMS);
    if (before.includes('void')) await service.void(orderId);
    if (before.includes('resolve')) await service.resolve(orderId);

    await expect(service.charge(OWNER, orderId, TERMS)).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      reason: 'charge_voided',
    });
    expect(await recorded(orderId)).toEqual([row]);
  });
});

describe('InvoicesService.get refuses', () => {
  test('an invoice of someone else', async () => {
    const { id } = await service.charge(OWNER, randomUUID(), TERMS);

    await expect(service.get(STRANGER, id)).rejects.toMatchObject({
      status: 'NOT_FOUND',
      reason: 'invoice_not_found',
    });
  });
});

describe('InvoicesService.refund refuses', () => {
  test.each<readonly [string, Principal]>([
    ['another user', { ...USER, id: '2' }],
    ['a client with the id of the user', { ...USER, type: 'client' }],
    ['a partner with the id of the user', { ...USER, type: 'partner' }],
  ])('to tell %s of the invoice', async (_name, principal) => {
    const orderId = randomUUID();
    const { id } = await service.charge(OWNER, orderId, TERMS);

    const foreign = service.refund(principal, id);
    await expect(foreign).rejects.toMatchObject({ reason: 'invoice_not_found' });
    const unknown = service.refund(principal, randomUUID());
    await expect(unknown).rejects.toMatchObject({ reason: 'invoice_not_found' });
    expect(await recorded(orderId)).toEqual([{ state: 'charged', owner: OWNER, ...TERMS }]);
    expect(events.all).toEqual([]);
  });

  test('an invoice that was voided', async () => {
    const orderId = randomUUID();
    const { id } = await service.charge(OWNER, orderId, TERMS);
    await service.void(orderId);

    await expect(service.refund(USER, id)).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      reason: 'invoice_not_refundable',
    });
    expect(await recorded(orderId)).toEqual([{ state: 'voided', owner: OWNER, ...TERMS }]);
    expect(events.all).toMatchObject([{ outcome: 'refused', reason: 'invoice_not_refundable' }]);
  });
});

describe('InvoicesService', () => {
  test('refunds an invoice once, and repeats the answer', async () => {
    const orderId = randomUUID();
    const invoice = await service.charge(OWNER, orderId, TERMS);
    const refunded = { ...invoice, status: 'refunded', refundedAt: expect.any(Date) as Date };

    const first = await service.refund(USER, invoice.id);
    expect(first).toEqual(refunded);
    expect(await service.refund(USER, invoice.id)).toEqual(first);
    expect(await service.get(OWNER, invoice.id)).toEqual(first);
    expect(events.all).toMatchObject([
      { type: 'invoice', reason: 'invoice_refunded', principal: '1', session: 's-1' },
    ]);
  });

  test('returns nothing twice: voiding and charging find the refunded invoice', async () => {
    const orderId = randomUUID();
    const { id } = await service.charge(OWNER, orderId, TERMS);
    const refunded = await service.refund(USER, id);

    expect(await service.void(orderId)).toEqual(refunded);
    expect(await service.resolve(orderId)).toEqual(refunded);
    expect(await service.charge(OWNER, orderId, TERMS)).toEqual(refunded);
    expect(await service.refund(USER, id)).toEqual(refunded);
  });

  test('makes one refund of many at once', async () => {
    const { id } = await service.charge(OWNER, randomUUID(), TERMS);

    const refunds = await Promise.all(Array.from({ length: 16 }, () => service.refund(USER, id)));

    expect(new Set(refunds.map(({ refundedAt }) => refundedAt?.getTime())).size).toBe(1);
    expect(events.all.map(({ reason }) => reason)).toEqual(['invoice_refunded']);
  });

  test('returns the money once when refunds and voids race', async () => {
    const race = fc.array(fc.constantFrom('refund', 'void'), { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(race, async (methods) => {
        events.clear();
        const orderId = randomUUID();
        const { id } = await service.charge(OWNER, orderId, TERMS);
        const answers = await Promise.all(
          methods.map((method) =>
            method === 'void'
              ? service.void(orderId)
              : service.refund(USER, id).catch((error: unknown) => (error as ServiceError).reason),
          ),
        );

        const final = await service.get(OWNER, id);
        const refused = (method: string) => method === 'refund' && final.status === 'voided';
        expect(['voided', 'refunded']).toContain(final.status);
        // All were told of the one that won; a refund that came after a void was told so.
        expect(answers).toEqual(
          methods.map((method) => (refused(method) ? 'invoice_not_refundable' : final)),
        );
        const successes = events.all.filter(({ outcome }) => outcome === 'succeeded');
        expect(successes).toHaveLength(final.status === 'refunded' ? 1 : 0);
      }),
      { numRuns: 100 },
    );
  });

  test('charges an order once, and answers a repeated charge with the first invoice', async () => {
    const orderId = randomUUID();
    const invoice = await service.charge(OWNER, orderId, TERMS);

    expect(invoice).toMatchObject({ orderId, owner: OWNER, status: 'paid', ...TERMS });
    expect(await service.charge(OWNER, orderId, TERMS)).toEqual(invoice);
    expect(await service.get(OWNER, invoice.id)).toEqual(invoice);
  });

  test('resolves a charged order to its invoice and leaves it paid', async () => {
    const orderId = randomUUID();
    const invoice = await service.charge(OWNER, orderId, TERMS);

    expect(await service.resolve(orderId)).toEqual(invoice);
    expect(await service.charge(OWNER, orderId, TERMS)).toEqual(invoice);
  });

  test('voids an invoice, keeps it, and repeats the answer', async () => {
    const orderId = randomUUID();
    const invoice = await service.charge(OWNER, orderId, TERMS);
    const voided = { ...invoice, status: 'voided' };

    expect(await service.void(orderId)).toEqual(voided);
    expect(await service.void(orderId)).toEqual(voided);
    expect(await service.resolve(orderId)).toEqual(voided);
    expect(await service.get(OWNER, invoice.id)).toEqual(voided);
  });

  test('has no invoice of a barred order', async () => {
    const orderId = randomUUID();

    expect(await service.void(orderId)).toBeUndefined();
    expect(await service.resolve(orderId)).toBeUndefined();
    expect(await service.void(orderId)).toBeUndefined();
  });

  test('makes one invoice of many charges at once', async () => {
    const orderId = randomUUID();

    const invoices = await Promise.all(
      Array.from({ length: 16 }, () => service.charge(OWNER, orderId, TERMS)),
    );

    expect(new Set(invoices.map(({ id }) => id)).size).toBe(1);
  });

  test('decides between calls at once as if they came one after the other', async () => {
    const calls = fc.array(fc.constantFrom('charge', 'resolve', 'void'), {
      minLength: 2,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(calls, async (methods) => {
        const orderId = randomUUID();
        const answers = await Promise.all(
          methods.map(async (method) => {
            if (method === 'resolve') return service.resolve(orderId);
            if (method === 'void') return service.void(orderId);
            return service.charge(OWNER, orderId, TERMS).catch(() => undefined);
          }),
        );

        const final = await service.resolve(orderId);
        const invoices = answers.filter((answer) => answer !== undefined);
        // One invoice or none: who was told of one was told of this one, paid or voided.
        expect(invoices.every(({ id }) => id === final?.id)).toBe(true);
        if (methods.includes('void')) expect(final?.status).not.toBe('paid');
        if (!methods.includes('charge')) expect(final).toBeUndefined();
        // Barred for one is barred for all: nobody was charged after somebody was told "never".
        const told = (method: string) => answers.filter((_, index) => methods[index] === method);
        if ([...told('resolve'), ...told('void')].includes(undefined)) {
          expect(final).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
  });

  test('pages through the owner’s invoices, newest first, each once, and shows no barred order', async () => {
    const owner = 'user:pages';
    const charged: string[] = [];
    for (let count = 0; count < 7; count += 1) {
      charged.unshift((await service.charge(owner, randomUUID(), TERMS)).id);
    }
    await service.void(randomUUID());
    // Equal times are told apart by their ids.
    await database.db
      .updateTable('charges')
      .set({ created_at: new Date('2026-01-01T00:00:00.123Z') })
      .where('invoice_id', 'in', charged.slice(2, 6))
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
    expect(new Set(seen)).toEqual(new Set(charged));
    expect((await service.list('user:nobody', { size: 3 })).rows).toEqual([]);
  });
});
