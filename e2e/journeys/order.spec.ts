import { randomUUID } from 'node:crypto';
import { logIn, refreshCookieOf, renew, signUp } from '../src/customers';
import type { Customer, PlacedOrder } from '../src/customers';
import { PublicClient } from '../src/public-client';
import type { PublicRequest } from '../src/public-client';
import { enrolTotp } from '../src/second-factors';

interface Product {
  readonly sku: string;
  readonly price: { readonly amount: number; readonly currency: string };
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

const client = new PublicClient();

describe('a customer, from the first visit to the last', () => {
  const idempotencyKey = randomUUID();
  let customer: Customer;
  let product: Product;
  let order: PlacedOrder;

  const send = (request: PublicRequest) =>
    client.send({ accessToken: customer.accessToken, ...request });
  const place = (key: string, quantity: number) =>
    send({
      method: 'POST',
      path: '/orders',
      headers: [['Idempotency-Key', key]],
      json: { items: [{ sku: product.sku, quantity }] },
    });

  it('registers and signs in', async () => {
    const newcomer = await signUp(client);
    customer = await logIn(client, newcomer);

    expect(customer.userId).toBe(newcomer.userId);
    expect(customer.cookie).not.toBe(newcomer.cookie);
    const me = await send({ path: '/auth/me' });
    expect(me).toMatchObject({ status: 200, json: { id: customer.userId, email: customer.email } });
  });

  it('reads the catalogue, as anybody may', async () => {
    const response = await client.send({ path: '/products' });
    const [first] = (response.json as Page<Product>).items;
    if (first === undefined) throw new Error('the catalogue is empty');
    product = first;

    expect(response.status).toBe(200);
    expect(product.price.amount).toBeGreaterThan(0);
  });

  it('places an order, which is charged', async () => {
    const response = await place(idempotencyKey, 2);
    order = response.json as PlacedOrder;

    expect(response.status).toBe(201);
    expect(response.headers.location).toBe(`/orders/${order.id}`);
    const { amount, currency } = product.price;
    expect(order).toMatchObject({
      status: 'confirmed',
      items: [{ sku: product.sku, quantity: 2 }],
      total: { amount: amount * 2, currency },
      invoiceId: expect.any(String),
    });
  });

  it('repeats the request, and there is still one order and one invoice', async () => {
    const repeated = await place(idempotencyKey, 2);
    const changed = await place(idempotencyKey, 3);

    expect(repeated).toMatchObject({ status: 200, json: order });
    expect(changed).toMatchObject({ status: 409, problem: { code: 'idempotency_key_reused' } });
    const orders = await send({ path: '/orders' });
    const invoices = await send({ path: '/invoices' });
    expect(orders.json).toEqual({ items: [order], nextCursor: null });
    expect(invoices.json).toMatchObject({ items: [{ id: order.invoiceId, orderId: order.id }] });
  });

  it.each(['/orders', '/invoices'])('pages through %s, newest first', async (path) => {
    const more = [await place(randomUUID(), 1), await place(randomUUID(), 1)];
    expect(more.map(({ status }) => status)).toEqual([201, 201]);

    const pages: Page<{ readonly id: string; readonly createdAt: string }>[] = [];
    let query = '?limit=2';
    for (;;) {
      const { json } = await send({ path: `${path}${query}` });
      const page = json as (typeof pages)[number];
      pages.push(page);
      if (page.nextCursor === null || pages.length > 5) break;
      query = `?limit=2&cursor=${encodeURIComponent(page.nextCursor)}`;
    }

    const all = (await send({ path })).json as (typeof pages)[number];
    expect(pages.flatMap(({ items }) => items)).toEqual(all.items);
    expect(pages.map(({ items }) => items.length)).toEqual(path === '/orders' ? [2, 1] : [2, 2, 1]);
    const times = all.items.map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('reads the invoice of the order', async () => {
    const response = await send({ path: `/invoices/${order.invoiceId ?? ''}` });

    expect(response).toMatchObject({
      status: 200,
      json: {
        id: order.invoiceId,
        orderId: order.id,
        status: 'paid',
        total: order.total,
        refundedAt: null,
      },
    });
  });

  it('cancels the order, and its invoice is voided', async () => {
    const cancel = () => send({ method: 'POST', path: `/orders/${order.id}/cancel` });

    expect(await cancel()).toMatchObject({ status: 200, json: { status: 'cancelled' } });
    expect(await cancel()).toMatchObject({ status: 200, json: { status: 'cancelled' } });
    const invoice = await send({ path: `/invoices/${order.invoiceId ?? ''}` });
    expect(invoice).toMatchObject({ status: 200, json: { status: 'voided' } });
  });

  it('has an invoice refunded, once, and its order stays until it is cancelled', async () => {
    const { id, invoiceId } = (await place(randomUUID(), 1)).json as PlacedOrder;
    const invoice = `/invoices/${invoiceId ?? ''}`;
    const refund = () => send({ method: 'POST', path: `${invoice}/refund` });
    expect(await refund()).toMatchObject({
      ...{ status: 401, problem: { code: 'insufficient_user_authentication' } },
    });
    customer = await renew(client, await enrolTotp(client, customer));

    expect(await refund()).toMatchObject({
      ...{ status: 401, problem: { code: 'insufficient_user_authentication' } },
    });
    customer = await renew(client, await enrolTotp(client, customer));
    const refunded = await refund();
    expect(refunded).toMatchObject({
      status: 200,
      json: { id: invoiceId, status: 'refunded', refundedAt: expect.any(String) },
    });
    expect((await refund()).json).toEqual(refunded.json);
    expect(await send({ path: `/orders/${id}` })).toMatchObject({
      json: { status: 'confirmed', invoiceId },
    });
    expect(await send({ method: 'POST', path: `/orders/${id}/cancel` })).toMatchObject({
      ...{ status: 200, json: { status: 'cancelled', invoiceId } },
    });
    expect((await send({ path: invoice })).json).toEqual(refunded.json);
  });

  it('keeps what is theirs from another customer', async () => {
    const { accessToken } = await signUp(client);

    for (const [path, code] of [
      [`/orders/${order.id}`, 'order_not_found'],
      [`/invoices/${order.invoiceId ?? ''}`, 'invoice_not_found'],
    ] as const) {
      const answer = await client.send({ path, accessToken });
      expect(answer).toMatchObject({ status: 404, problem: { code } });
    }
    for (const path of ['/orders', '/invoices']) {
      const answer = await client.send({ path, accessToken });
      expect(answer).toMatchObject({ status: 200, json: { items: [], nextCursor: null } });
    }
  });

  it('renews the session, signs out, and the session is over', async () => {
    const withCookie = (path: string, cookie: string) =>
      client.send({ method: 'POST', path, headers: [['Cookie', cookie]] });

    const refreshed = await withCookie('/auth/refresh', customer.cookie);
    const cookie = refreshCookieOf(refreshed) ?? '';
    expect(refreshed.status).toBe(200);
    expect(cookie).not.toBe(customer.cookie);
    const { access_token: accessToken } = refreshed.json as { readonly access_token: string };
    expect(await client.send({ path: '/auth/me', accessToken })).toMatchObject({ status: 200 });

    const signedOut = await withCookie('/auth/logout', cookie);
    expect(signedOut.status).toBe(204);
    expect(signedOut.headers['set-cookie']).toEqual([expect.stringContaining('Max-Age=0')]);
    const late = await withCookie('/auth/refresh', cookie);
    expect(late).toMatchObject({ status: 401, problem: { code: 'invalid_grant' } });
  });
});
