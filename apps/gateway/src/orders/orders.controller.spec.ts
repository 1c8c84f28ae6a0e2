import { ordersV1, RpcError, type RpcStatus } from '@sallyport/contracts';
import {
  expectRefusal,
  startTestGateway,
  wireOrder,
  type TestGateway,
  statusAndCode,
} from '../gateway.fixture';

const KEY = ['idempotency-key', 'order-1'] as const;
const order = wireOrder({ id: '0b0e8d0c-6a55-4c3f-8a4f-6a2f4a3f6c1d', invoiceId: '' });
const json = { items: [{ sku: 'keep-key', quantity: 2 }] };

let gateway: TestGateway;
let credential: readonly [string, string];
beforeAll(async () => {
  gateway = await startTestGateway();
  credential = ['authorization', `Bearer ${gateway.mint.accessToken()}`];
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
});

const place = (sent: object) =>
  gateway.send({ method: 'POST', path: '/orders', headers: [credential, KEY], json, ...sent });

describe('placing an order is refused', () => {
  it.each<[string, unknown, { path: string; rule: string }]>([
    ['without items', {}, { path: 'items', rule: 'invalid_type' }],
    ['with no item', { items: [] }, { path: 'items', rule: 'too_small' }],
    ['with an unknown field', { ...json, total: 1 }, { path: 'total', rule: 'unknown_field' }],
    [
      'with a price',
      { items: [{ sku: 'a', quantity: 1, price: 1 }] },
      { path: 'items.0.price', rule: 'unknown_field' },
    ],
    [
      'with a quantity of 0',
      { items: [{ sku: 'a', quantity: 0 }] },
      { path: 'items.0.quantity', rule: 'too_small' },
    ],
    [
      'with a quantity of 1.5',
      { items: [{ sku: 'a', quantity: 1.5 }] },
      { path: 'items.0.quantity', rule: 'invalid_type' },
    ],
    [
      'with a quantity in words',
      { items: [{ sku: 'a', quantity: '2' }] },
      { path: 'items.0.quantity', rule: 'invalid_type' },
    ],
    ['as a list', [], { path: '', rule: 'invalid_type' }],
  ])('%s', async (_name, body, violation) => {
    const answer = await place({ json: body });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'validation_failed',
      violations: [violation],
    });
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it.each<[string, string]>([['without an idempotency key', 'idempotency_key_required']])(
    '%s',
    async (_name, code) => {
      const answer = await place({ headers: [credential] });
      expect(statusAndCode(answer)).toEqual([400, code]);
      expect(gateway.upstreamCalls()).toEqual([]);
    },
  );

  it.each([['a b'], [''], ['k'.repeat(129)], ['k\u00e9']])(
    'with the idempotency key "%s"',
    async (key) => {
      const answer = await place({ headers: [credential, ['idempotency-key', key]] });
      expect(statusAndCode(answer)).toEqual([400, 'idempotency_key_invalid']);
      expect(gateway.upstreamCalls()).toEqual([]);
    },
  );

  it.each<[string, string, string | undefined, number, string]>([
    ['that is not JSON', '{"items":[{"secret', 'application/json', 400, 'body_malformed'],
    ['that is empty', '', 'application/json', 400, 'body_malformed'],
    ['that reaches for a prototype', '{"__proto__":{}}', 'application/json', 400, 'body_malformed'],
    [
      'that is a form',
      'items=1',
      'application/x-www-form-urlencoded',
      415,
      'media_type_unsupported',
    ],
    ['that is plain text', '{}', 'text/plain', 415, 'media_type_unsupported'],
    ['of no type', '{}', undefined, 415, 'media_type_unsupported'],
    ['in another charset', '{}', 'application/json; charset=utf-16', 415, 'media_type_unsupported'],
    ['of a broken type', '{}', 'json', 415, 'media_type_unsupported'],
    ['that is too large', `"${'x'.repeat(65_536)}"`, 'application/json', 413, 'body_too_large'],
  ])('with a body %s', async (_name, body, type, status, code) => {
    const headers = [credential, KEY, ...(type === undefined ? [] : [['content-type', type]])];
    const answer = await place({ json: undefined, body, headers });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({
      code,
      correlationId: answer.headers['x-correlation-id'],
    });
    expect(answer.headers['strict-transport-security']).toBeDefined();
    expect(gateway.upstreamCalls()).toEqual([]);
    expect(gateway.log.join('')).not.toContain('secret');
  });

  it('with chunks that together are too large', async () => {
    const chunk = `fff0\r\n"${'x'.repeat(0xffef)}\r\n`;
    const answer = await gateway.exchange(
      [
        'POST /orders HTTP/1.1',
        'Host: localhost',
        credential.join(': '),
        KEY.join(': '),
        'Content-Type: application/json',
        'Transfer-Encoding: chunked',
        '',
        `${chunk}${chunk}0\r\n`,
        '',
      ].join('\r\n'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*"correlationId":"[0-9a-f-]{36}"/);
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it('without the scope', async () => {
    const token = gateway.mint.accessToken({ payload: { scope: 'orders:read' } });
    const answer = await place({ headers: [['authorization', `Bearer ${token}`], KEY] });
    expectRefusal(gateway, answer, { status: 403, code: 'insufficient_scope' });
  });
});

describe('what orders-service refuses', () => {
  it.each<[RpcStatus, string, number, string]>([
    ['INVALID_ARGUMENT', 'unknown_product', 400, 'unknown_product'],
    ['ABORTED', 'idempotency_key_reused', 409, 'idempotency_key_reused'],
    ['RESOURCE_EXHAUSTED', 'too_many_attempts', 429, 'too_many_attempts'],
    ['UNAVAILABLE', 'database_unavailable', 503, 'service_unavailable'],
    ['DEADLINE_EXCEEDED', 'deadline_exceeded', 503, 'service_unavailable'],
    ['CANCELLED', 'cancelled', 503, 'service_unavailable'],
    ['UNAUTHENTICATED', 'txn_token_expired', 502, 'upstream_refused'],
    ['PERMISSION_DENIED', 'caller_not_allowed', 502, 'upstream_refused'],
    ['UNIMPLEMENTED', 'unimplemented', 502, 'upstream_refused'],
    ['INTERNAL', 'internal_error', 500, 'internal_error'],
  ])('with %s %s is answered', async (rpcStatus, reason, status, code) => {
    gateway.transports.orders.fail('createOrder', new RpcError(rpcStatus, reason));
    const answer = await place({});
    expect(statusAndCode(answer)).toEqual([status, code]);
    expect(answer.headers['retry-after']).toBe(status === 503 ? '2' : undefined);
    expect(gateway.handled).toMatchObject([{ target: 'POST /orders', status }]);
  });

  it.each<[string, Partial<ordersV1.Order>]>([
    ['a status nobody knows', { status: ordersV1.OrderStatus.UNRECOGNIZED }],
    ['no total', { total: undefined }],
  ])('or answers with %s is no answer', async (_name, changes) => {
    gateway.transports.orders.answer('getOrder', { order: wireOrder(changes) });
    const answer = await gateway.send({ path: '/orders/1', headers: [credential] });
    expect(statusAndCode(answer)).toEqual([500, 'internal_error']);
  });

  it('without anybody behind the id is 404', async () => {
    gateway.transports.orders.fail('getOrder', new RpcError('NOT_FOUND', 'order_not_found'));
    const answer = await gateway.send({ path: '/orders/nonsense', headers: [credential] });
    expect(statusAndCode(answer)).toEqual([404, 'order_not_found']);
  });
});

describe('a list is refused', () => {
  it.each([
    ['limit=0'],
    ['limit=101'],
    ['limit=1e1'],
    ['limit='],
    ['limit=1&limit=2'],
    ['cursor='],
    ['page=1'],
  ])('with ?%s', async (query) => {
    const answer = await gateway.send({ path: `/orders?${query}`, headers: [credential] });
    expect(statusAndCode(answer)).toEqual([400, 'validation_failed']);
    expect(gateway.upstreamCalls()).toEqual([]);
  });
});

describe('an order', () => {
  const view = {
    id: order.id,
    status: 'confirmed',
    items: [{ sku: 'keep-key', quantity: 2 }],
    total: { amount: 2500, currency: 'EUR' },
    invoiceId: null,
    createdAt: '2026-11-24T10:00:00.000Z',
  };

  it.each([
    [201, false],
    [200, true],
  ])('is placed with %i when replayed is %s', async (status, replayed) => {
    gateway.transports.orders.answer('createOrder', { order, replayed });
    const answer = await place({});
    expect(answer.status).toBe(status);
    expect(answer.headers['location']).toBe(`/orders/${order.id}`);
    expect(JSON.parse(answer.body)).toEqual(view);
    expect(gateway.upstreamCalls()).toMatchObject([
      {
        path: '/sallyport.orders.v1.OrdersService/CreateOrder',
        request: { idempotencyKey: 'order-1', items: json.items },
        options: { timeoutMs: 5000 },
      },
    ]);
  });

  it.each<[ordersV1.OrderStatus, string]>([
    [ordersV1.OrderStatus.ORDER_STATUS_PENDING, 'pending'],
    [ordersV1.OrderStatus.ORDER_STATUS_CANCELLING, 'cancelling'],
    [ordersV1.OrderStatus.ORDER_STATUS_CANCELLED, 'cancelled'],
  ])('in %s reads as %s', async (status, expected) => {
    gateway.transports.orders.answer('getOrder', { order: { ...order, status } });
    const answer = await gateway.send({ path: `/orders/${order.id}`, headers: [credential] });
    expect(JSON.parse(answer.body)).toMatchObject({ status: expected });
    expect(gateway.upstreamCalls()).toMatchObject([{ request: { id: order.id } }]);
  });

  it('is cancelled', async () => {
    gateway.transports.orders.answer('cancelOrder', { order });
    const path = `/orders/${order.id}/cancel`;
    const answer = await gateway.send({ method: 'POST', path, headers: [credential] });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual(view);
  });

  it.each([
    ['', '', { pageSize: 0, pageToken: '' }, null],
    ['?limit=100&cursor=abc', 'next', { pageSize: 100, pageToken: 'abc' }, 'next'],
  ])('is listed by %s', async (query, nextPageToken, request, nextCursor) => {
    gateway.transports.orders.answer('listOrders', { orders: [order], nextPageToken });
    const answer = await gateway.send({ path: `/orders${query}`, headers: [credential] });
    expect(JSON.parse(answer.body)).toEqual({ items: [view], nextCursor });
    expect(gateway.upstreamCalls()).toMatchObject([{ request }]);
  });
});
