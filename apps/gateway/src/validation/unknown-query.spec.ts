import { startTestGateway, statusAndCode, type TestGateway } from '../gateway.fixture';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
});

const authorized = (path: string) => ({
  path,
  headers: [['authorization', `Bearer ${gateway.mint.accessToken()}`]] as const,
});

it.each(['/products?a=b', '/docs?a', '/.well-known/jwks.json?a=b', '/orders/1?a=b', '/orders?a=b'])(
  'GET %s is refused, and nothing is asked for',
  async (path) => {
    const answer = await gateway.send(authorized(path));
    expect(statusAndCode(answer)).toEqual([400, 'validation_failed']);
    expect(JSON.parse(answer.body)).toMatchObject({
      violations: [{ path: 'a', rule: 'unknown_field' }],
    });
    expect(gateway.upstreamCalls()).toEqual([]);
  },
);

it.each(['/products', '/products?', '/orders?limit=1'])('GET %s passes', async (path) => {
  gateway.transports.orders.answer('listProducts', { products: [] });
  gateway.transports.orders.answer('listOrders', { orders: [], nextPageToken: '' });
  expect((await gateway.send(authorized(path))).status).toBe(200);
});
