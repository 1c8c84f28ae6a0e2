import { randomUUID } from 'node:crypto';
import { sharedCluster } from '../src/cluster-facts';
import { placeOrder, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import type { PublicRequest, WireHeaders } from '../src/public-client';
import { expectPassed, expectRefused } from '../src/refusal.expectations';

needs(...EVIDENCE);

/** Every name that means something between the gateway and the services, with a value that would do harm. */
const RESERVED = {
  'x-user-id': 'a5f2f4c0-0001-4000-8000-000000000001',
  'x-user-scopes': 'keys:manage audit:read',
  'x-principal-type': 'partner',
  'x-client-id': 'sallyport-console',
  'x-session-id': 'a5f2f4c0-0002-4000-8000-000000000002',
  'x-auth-acr': 'urn:sallyport:acr:mfa',
  'x-auth-time': '4102444800',
  'txn-token': 'eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmVk',
} as const;

/** How else some server, proxy or framework would read the same name. */
const SPELLINGS: readonly ((name: string) => string)[] = [
  (name) => name.replace(/(?:^|-)\w/g, (start) => start.toUpperCase()),
  (name) => name.replaceAll('-', '_'),
  (name) => name.replaceAll('-', '.'),
  (name) => name.toUpperCase().replace('-', '_').replace('-', '.'),
  (name) => `${name}-bin`,
];

const SPELLED = Object.entries(RESERVED).flatMap(([name, value]) =>
  SPELLINGS.map((spell) => ({ header: spell(name), value })),
);

const REFUSAL = { status: 400, code: 'identity_header_spoofed' };
const LIST_ORDERS = ['GET /orders', 'sallyport.orders.v1.OrdersService/ListOrders'];
const LIST_PRODUCTS = ['GET /products', 'sallyport.orders.v1.OrdersService/ListProducts'];

describe('spoofed identity headers (R6)', () => {
  const client = new PublicClient();
  const evidence = new Evidence();
  let customer: Customer;

  beforeAll(async () => {
    customer = await signUp(client);
  });

  const listOrders = (headers: WireHeaders): PublicRequest => ({
    path: '/orders',
    accessToken: customer.accessToken,
    headers,
  });

  it.each(SPELLED)(
    'are refused as $header, with an access token and without',
    async ({ header, value }) => {
      const headers = [[header, value]] as const;

      const answers = await Promise.all([
        client.send(listOrders(headers)),
        client.send({ path: '/products', headers }),
      ]);

      await Promise.all(answers.map((answer) => expectRefused(answer, { evidence, ...REFUSAL })));
    },
  );

  it.each<readonly [attempt: string, headers: WireHeaders]>([
    [
      'twice',
      [
        ['X-User-Id', 'a'],
        ['X-User-Id', 'b'],
      ],
    ],
    [
      'in two spellings',
      [
        ['X-User-Id', 'a'],
        ['x_user_id', 'a'],
      ],
    ],
    [
      'empty before full',
      [
        ['X-User-Id', ''],
        ['X-User-Id', 'a'],
      ],
    ],
    ['empty', [['X-User-Id', '']]],
    ['doubly binary', [['x-user-id-bin-bin', 'YQ==']]],
    ['for removal, in Connection', [['Connection', 'close, X-User-Id']]],
    ['for removal, in Connection alone', [['Connection', 'x_user_id']]],
    [
      'for removal, in a second Connection',
      [
        ['Connection', 'close'],
        ['Connection', 'txn-token'],
      ],
    ],
  ])('are refused %s', async (_, headers) => {
    const answer = await client.send(listOrders(headers));

    await expectRefused(answer, { evidence, ...REFUSAL });
  });

  const placing = (headers: WireHeaders, trailers: WireHeaders): PublicRequest => ({
    method: 'POST',
    path: '/orders',
    accessToken: customer.accessToken,
    headers: [['Idempotency-Key', randomUUID()], ...headers],
    json: { items: [{ sku: 'keep-key', quantity: 1 }] },
    trailers,
  });

  it.each<readonly [attempt: string, headers: WireHeaders, trailers: WireHeaders]>([
    ['announced as trailer', [['Trailer', 'X-User-Id']], [['X-User-Id', 'a']]],
    ['announced and never sent', [['Trailer', 'checksum, x.user.id']], []],
    ['as trailer nobody announced', [], [['X-User-Id', 'a']]],
    [
      'as trailer under another one’s announcement',
      [['Trailer', 'checksum']],
      [['x_user_id', 'a']],
    ],
    ['as transaction token in a trailer', [], [['Txn-Token', 'a']]],
  ])('are refused %s', async (_, headers, trailers) => {
    const answer = await client.send(placing(headers, trailers));

    await expectRefused(answer, { evidence, ...REFUSAL });
  });

  it.each([
    ['before a space', 'X-User-Id : a'],
    ['after a folded line', 'X-Harmless: a\r\n X-User-Id: a'],
    ['after a bare line feed', 'X-Harmless: a\nX-User-Id: a'],
    ['after a bare carriage return', 'X-Harmless: a\rX-User-Id: a'],
    ['after a zero byte', 'X-Harmless: a\0\r\nX-User-Id: a'],
  ])('are refused %s, as no HTTP client would write them', async (_, field) => {
    const answer = await client.exchange(
      `GET /products HTTP/1.1\r\nHost: ${client.host}\r\nConnection: close\r\n${field}\r\n\r\n`,
    );

    await expectRefused(answer, { evidence, status: 400, code: 'request_malformed' });
  });

  it('are made by the gateway when the client sends none: the order is the customer’s own', async () => {
    const order = await placeOrder(client, customer);

    const answer = await client.send(listOrders([]));

    expect(answer.json).toMatchObject({ items: [{ id: order.id }] });
    await expectPassed(answer, { evidence, handled: LIST_ORDERS });
  });

  it('are not seen in headers that only look alike', async () => {
    const answer = await client.send({
      path: '/products',
      headers: [
        ['X-User', 'a'],
        ['User-Id', 'a'],
        ['X-User-Ids', 'a'],
        ['Traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
      ],
    });

    await expectPassed(answer, { evidence, handled: LIST_PRODUCTS });
  });

  it('are not the only ones kept from the services: nothing a client sends steers the call behind it', async () => {
    const answer = await client.send(
      listOrders([
        ['Grpc-Timeout', '1n'],
        ['Grpc-Encoding', 'gzip'],
        ['Traceparent', 'x'],
        ['X-Anything-Bin', 'not base64'],
      ]),
    );

    await expectPassed(answer, { evidence, handled: LIST_ORDERS });
  });

  it('are not the only ones made anew: neither correlation id nor address is the client’s to choose', async () => {
    const chosen = randomUUID();
    const answer = await client.send({
      method: 'POST',
      path: '/auth/login',
      headers: [
        ['X-Correlation-Id', chosen],
        ['X-Client-Address', '203.0.113.7'],
        ['X-Forwarded-For', '203.0.113.7'],
        ['X-Real-IP', '203.0.113.7'],
        ['Forwarded', 'for=203.0.113.7'],
      ],
      json: { email: customer.email, password: customer.password },
    });

    expect(answer.status).toBe(200);
    expect(answer.correlationId).not.toBe(chosen);
    const { securityEvents } = await evidence.of({ correlationId: answer.correlationId });
    expect(securityEvents).toEqual([
      expect.objectContaining({
        reason: 'logged_in',
        clientAddress: sharedCluster().clientAddress,
      }),
    ]);
    expect(await evidence.of({ correlationId: chosen }, () => true)).toEqual({
      securityEvents: [],
      handledCalls: [],
    });
  });
});
