import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import { expectPassed, expectRefused } from '../src/refusal.expectations';

needs(...EVIDENCE);

const LIST_ORDERS = ['GET /orders', 'sallyport.orders.v1.OrdersService/ListOrders'];
const LIST_PRODUCTS = ['GET /products', 'sallyport.orders.v1.OrdersService/ListProducts'];

describe('path tricks', () => {
  const client = new PublicClient();
  const evidence = new Evidence();
  let customer: Customer;

  beforeAll(async () => {
    customer = await signUp(client);
  });

  const sent = (path: string, authorization: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: ${client.host}\r\nConnection: close\r\n${authorization}\r\n`;

  /** With a valid credential and with none: neither the route’s own policy nor another one’s is asked. */
  const expectNeither = async (path: string, code: string): Promise<void> => {
    const answers = await Promise.all([
      client.exchange(sent(path, `Authorization: Bearer ${customer.accessToken}\r\n`)),
      client.exchange(sent(path, '')),
    ]);
    await Promise.all(
      answers.map((answer) => expectRefused(answer, { evidence, status: 400, code })),
    );
  };

  it.each([
    '//orders',
    '/orders/',
    '/orders//',
    '///orders',
    '/./orders',
    '/orders/.',
    '/products/../orders',
    '/orders/../products',
    '/orders/..',
    '/%2e/orders',
    '/products/%2e%2e/orders',
    '/products/%2E%2E%2Forders',
    '/products/..%2forders',
    '/%6frders',
    '/orders%2f',
    '/orders%00',
    '/orders%20',
    '/products%252f..%252forders',
    '/orders;/products',
    '/products;/../orders',
    '/orders;jsessionid=1',
    '/products/..;/orders',
    '/\\orders',
    '/products\\..\\orders',
    '/orders#/products',
    '*',
    'https://localhost/orders',
    '//localhost/orders',
  ])('never get %j past or to another route’s policy', async (path) => {
    await expectNeither(path, 'path_not_normalised');
  });

  it.each(['\\orders', 'orders', '?/orders', '/ördérs'])(
    'are not even a request as %j',
    async (path) => {
      await expectNeither(path, 'request_malformed');
    },
  );

  it.each(['/ORDERS', '/orders.json', '/api/orders', '/products/orders', '/orders~', '/orders,'])(
    'find nothing at %s',
    async (path) => {
      const answer = await client.send({ path, accessToken: customer.accessToken });

      await expectRefused(answer, { evidence, status: 404, code: 'not_found' });
    },
  );

  it.each(['/health/live', '/health/ready', '/metrics'])(
    'find no operations at %s of the public port',
    async (path) => {
      const answer = await client.send({ path });

      await expectRefused(answer, { evidence, status: 404, code: 'not_found' });
    },
  );

  it.each(['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Uri', 'X-Forwarded-Prefix'])(
    'do not reroute a request by %s',
    async (name) => {
      const answer = await client.send({ path: '/products', headers: [[name, '/orders']] });

      await expectPassed(answer, { evidence, handled: LIST_PRODUCTS });
    },
  );

  it.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])(
    'do not change the method by %s',
    async (name) => {
      const answer = await client.send({
        path: '/orders',
        accessToken: customer.accessToken,
        headers: [[name, 'POST']],
      });

      await expectPassed(answer, { evidence, handled: LIST_ORDERS });
    },
  );

  it.each(['DELETE', 'PUT', 'TRACE', 'PROPFIND'])('do not open a route by %s', async (method) => {
    const answer = await client.send({ method, path: '/products' });

    await expectRefused(answer, { evidence, status: 405, code: 'method_not_allowed' });
  });

  it('have no part in a plain path, which answers by its own policy', async () => {
    const [orders, products] = await Promise.all([
      client.send({ path: '/orders', accessToken: customer.accessToken }),
      client.send({ path: '/products' }),
    ]);

    await expectPassed(orders, { evidence, handled: LIST_ORDERS });
    await expectPassed(products, { evidence, handled: LIST_PRODUCTS });
    await expectRefused(await client.send({ path: '/orders' }), {
      evidence,
      status: 401,
      code: 'credential_missing',
    });
  });
});
