import { startTestGateway, wireOrder, type TestGateway } from '../gateway.fixture';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
});

describe('where there is no handler', () => {
  it.each<[string, string, number, string, string | undefined]>([
    ['GET', '/nowhere', 404, 'not_found', undefined],

    ['GET', '/ORDERS', 404, 'not_found', undefined],
    ['GET', '/health/ready', 404, 'not_found', undefined],
    ['GET', '/metrics', 404, 'not_found', undefined],
    ['DELETE', '/orders', 405, 'method_not_allowed', 'GET, HEAD, POST'],
    ['PUT', '/orders/1', 405, 'method_not_allowed', 'GET, HEAD'],
    ['GET', '/auth/login', 405, 'method_not_allowed', 'POST'],
    ['OPTIONS', '/orders', 405, 'method_not_allowed', 'GET, HEAD, POST'],
    ['TRACE', '/orders', 405, 'method_not_allowed', 'GET, HEAD, POST'],
    ['PROPFIND', '/orders', 405, 'method_not_allowed', 'GET, HEAD, POST'],
  ])('%s %s is %i', async (method, path, status, code, allow) => {
    const answer = await gateway.send({ method, path });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toEqual({
      type: `urn:sallyport:problem:${code}`,
      title: expect.any(String),
      status,
      code,
      correlationId: answer.headers['x-correlation-id'],
    });
    expect(answer.headers['allow']).toBe(allow);
    expect(answer.headers['strict-transport-security']).toBeDefined();
    expect(gateway.events.all).toMatchObject([
      { type: 'request', outcome: 'refused', reason: code },
    ]);
  });
});

describe('the correlation id', () => {
  it('is the gateway’s own, whatever the client sends', async () => {
    gateway.transports.orders.answer('listProducts', { products: [] });
    const headers = [['x-correlation-id', '11111111-1111-4111-8111-111111111111']] as const;
    const [one, other] = [
      await gateway.send({ path: '/products', headers }),
      await gateway.send({ path: '/products', headers }),
    ];
    const ids = [one, other].map((answer) => answer.headers['x-correlation-id']);
    expect(new Set([...ids, headers[0][1]]).size).toBe(3);
    expect(gateway.handled.map(({ correlationId }) => correlationId)).toEqual(ids);
  });

  it('stays with its request when several are handled at once', async () => {
    gateway.transports.orders.answer('createOrder', { order: wireOrder(), replayed: false });
    const headers = [
      ['authorization', `Bearer ${gateway.mint.accessToken()}`],
      ['idempotency-key', 'a'],
    ] as const;
    const json = { items: [{ sku: 'a', quantity: 1 }] };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        gateway.send({ method: 'POST', path: '/orders', headers, json }),
      ),
    );
    const sent = answers.map((answer) => answer.headers['x-correlation-id']).sort();
    expect(new Set(sent).size).toBe(10);
    expect(gateway.handled.map(({ correlationId }) => correlationId).sort()).toEqual(sent);
    const upstream = gateway.upstreamCalls().map(({ options }) => options.metadata);
    expect(upstream.map((metadata) => metadata?.['x-correlation-id']).sort()).toEqual(sent);
  });
});
