import { startTestGateway, type TestGateway } from '../gateway.fixture';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

it('lists the catalogue to anybody, and tells orders-service of nobody', async () => {
  const price = { amount: 1250, currency: 'EUR' };
  const products = [{ sku: 'keep-key', name: 'Key to the keep', price }];
  gateway.transports.orders.answer('listProducts', { products });
  const answer = await gateway.send({ path: '/products' });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({ items: products });
  expect(gateway.upstreamCalls().map(({ options }) => options)).toEqual([
    {
      timeoutMs: 2000,
      metadata: {
        'x-correlation-id': answer.headers['x-correlation-id'],
        'x-client-address': '127.0.0.1',
      },
    },
  ]);
});
