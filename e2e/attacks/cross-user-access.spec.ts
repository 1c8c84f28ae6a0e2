import { randomUUID } from 'node:crypto';
import { placeOrder, signInAs, signUp } from '../src/customers';
import type { Customer, PlacedOrder } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import type { PublicRequest } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectRefused } from '../src/refusal.expectations';
import { signUpWithApp } from '../src/second-factors';

needs(...EVIDENCE, 'seeded-accounts');

const ORDERS = 'sallyport.orders.v1.OrdersService';

describe('access to what belongs to somebody else', () => {
  const client = new PublicClient();
  const evidence = new Evidence();
  let owner: Customer;
  let stranger: Customer;
  let viewer: Customer;
  let operator: Customer;
  let order: PlacedOrder;

  beforeAll(async () => {
    [owner, stranger, viewer, operator] = await Promise.all([
      signUp(client),
      signUpWithApp(client),
      signInAs(client, 'viewer@example.com'),
      signInAs(client, 'operator@example.com'),
    ]);
    order = await placeOrder(client, owner, 2);
  });

  const as = ({ accessToken }: Customer, request: PublicRequest): Promise<PublicResponse> =>
    client.send({ ...request, accessToken });

  /** The answer without what differs between any two answers. */
  const anonymous = ({ status, body, correlationId }: PublicResponse) => ({
    status,
    body: body.replace(correlationId, ''),
  });

  it.each<
    readonly [
      what: string,
      request: (id: string) => PublicRequest,
      code: string,
      id: () => string,
      /** Who owns it only its service can tell, so these run. */
      handled: readonly string[],
    ]
  >([
    [
      'an order',
      (id) => ({ path: `/orders/${id}` }),
      'order_not_found',
      () => order.id,
      ['GET /orders/:id', `${ORDERS}/GetOrder`],
    ],
    [
      'an order, to cancel it',
      (id) => ({ method: 'POST', path: `/orders/${id}/cancel` }),
      'order_not_found',
      () => order.id,
      ['POST /orders/:id/cancel', `${ORDERS}/CancelOrder`],
    ],
    [
      'an invoice',
      (id) => ({ path: `/invoices/${id}` }),
      'invoice_not_found',
      () => order.invoiceId ?? '',
      ['GET /invoices/:id', 'sallyport.billing.v1.BillingService/GetInvoice'],
    ],
    [
      'an invoice, to have it refunded',
      (id) => ({ method: 'POST', path: `/invoices/${id}/refund` }),
      'invoice_not_found',
      () => order.invoiceId ?? '',
      ['POST /invoices/:id/refund', 'sallyport.billing.v1.BillingService/RefundInvoice'],
    ],
    [
      'a session, to end it',
      (id) => ({ method: 'DELETE', path: `/auth/sessions/${id}` }),
      'session_not_found',
      () => owner.sessionId,
      ['DELETE /auth/sessions/:id', 'sallyport.auth.v1.AuthService/EndSession'],
    ],
  ])('is the same as to what does not exist: %s', async (_, request, code, id, handled) => {
    const foreign = await as(stranger, request(id()));
    const missing = await as(stranger, request(randomUUID()));

    await expectRefused(foreign, { evidence, status: 404, code, handled });
    await expectRefused(missing, { evidence, status: 404, code, handled });
    expect(anonymous(foreign)).toEqual(anonymous(missing));
    expect(Object.keys(foreign.headers)).toEqual(Object.keys(missing.headers));
  });

  it('leaves an order that a stranger tried to cancel as it is', async () => {
    await as(stranger, { method: 'POST', path: `/orders/${order.id}/cancel` });

    const kept = await as(owner, { path: `/orders/${order.id}` });
    expect(kept.json).toMatchObject({ id: order.id, status: 'confirmed' });
  });

  it('leaves an invoice that a stranger tried to have refunded as it is', async () => {
    const path = `/invoices/${order.invoiceId ?? ''}`;
    await as(stranger, { method: 'POST', path: `${path}/refund` });

    const kept = await as(owner, { path });
    expect(kept.json).toMatchObject({ status: 'paid', refundedAt: null });
  });

  it.each(['/orders', '/invoices'])('finds nothing of it in %s', async (path) => {
    const answer = await as(stranger, { path });

    expect(answer.json).toEqual({ items: [], nextCursor: null });
  });

  it('ends no session of somebody else, and shows none', async () => {
    await as(stranger, { method: 'DELETE', path: '/auth/sessions' });

    const [listed, own] = await Promise.all([
      as(stranger, { path: '/auth/sessions' }),
      as(owner, { path: '/auth/sessions' }),
    ]);
    expect(listed.json).toMatchObject({ items: [{ id: stranger.sessionId, current: true }] });
    expect(own.json).toMatchObject({ items: [{ id: owner.sessionId, current: true }] });
  });

  it('is not had with a cursor of its owner', async () => {
    const second = await placeOrder(client, owner);
    const page = await as(owner, { path: '/orders?limit=1' });
    const { nextCursor } = page.json as { readonly nextCursor: string };

    const foreign = await as(stranger, { path: `/orders?cursor=${nextCursor}` });
    const own = await as(owner, { path: `/orders?cursor=${nextCursor}` });

    expect(page.json).toMatchObject({ items: [{ id: second.id }] });
    expect(foreign.json).toEqual({ items: [], nextCursor: null });
    expect(own.json).toMatchObject({ items: [{ id: order.id }] });
  });

  it('is not had with an idempotency key of its owner', async () => {
    const placing: PublicRequest = {
      method: 'POST',
      path: '/orders',
      headers: [['Idempotency-Key', randomUUID()]],
      json: { items: order.items },
    };

    const first = await as(owner, placing);
    const foreign = await as(stranger, placing);
    const replayed = await as(owner, placing);

    expect([first.status, foreign.status, replayed.status]).toEqual([201, 201, 200]);
    expect(replayed.json).toMatchObject({ id: (first.json as PlacedOrder).id });
    expect((foreign.json as PlacedOrder).id).not.toBe((first.json as PlacedOrder).id);
  });

  it.each<readonly [attempt: string, who: () => Customer, request: PublicRequest, scope: string]>([
    [
      'a read-only viewer to order',
      () => viewer,
      {
        method: 'POST',
        path: '/orders',
        headers: [['Idempotency-Key', 'k-1']],
        json: { items: [{ sku: 'keep-key', quantity: 1 }] },
      },
      'orders:write',
    ],
    [
      'a read-only viewer to cancel',
      () => viewer,
      { method: 'POST', path: `/orders/${randomUUID()}/cancel` },
      'orders:write',
    ],
    [
      'a read-only viewer to refund',
      () => viewer,
      { method: 'POST', path: `/invoices/${randomUUID()}/refund` },
      'billing:refund',
    ],
    ['an operator to orders', () => operator, { path: '/orders' }, 'orders:read'],
    ['an operator to invoices', () => operator, { path: '/invoices' }, 'billing:read'],
  ])('takes the scope as well: not given to %s', async (_, who, request, scope) => {
    const answer = await as(who(), request);

    await expectRefused(answer, { evidence, status: 403, code: 'insufficient_scope' });
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer realm="sallyport", error="insufficient_scope", scope="${scope}"`,
    );
  });

  it('is given to the owner', async () => {
    const [read, invoice, viewed] = await Promise.all([
      as(owner, { path: `/orders/${order.id}` }),
      as(owner, { path: `/invoices/${order.invoiceId ?? ''}` }),
      as(viewer, { path: '/orders' }),
    ]);

    expect(read.json).toEqual(order);
    expect(invoice.json).toMatchObject({ id: order.invoiceId, orderId: order.id });
    await expectPassed(read, {
      evidence,
      handled: ['GET /orders/:id', 'sallyport.orders.v1.OrdersService/GetOrder'],
    });
    await expectPassed(invoice, {
      evidence,
      handled: ['GET /invoices/:id', 'sallyport.billing.v1.BillingService/GetInvoice'],
    });
    await expectPassed(viewed, {
      evidence,
      handled: ['GET /orders', 'sallyport.orders.v1.OrdersService/ListOrders'],
    });
  });
});
