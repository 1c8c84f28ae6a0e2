import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { send, startTestGateway, type TestGateway } from '../gateway.fixture';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
  gateway.transports.orders.answer('listProducts', { products: [] });
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.registry.resetMetrics();
});

async function samples(): Promise<readonly Sample[]> {
  const metrics = await gateway.registry.getMetricsAsJSON();
  return metrics
    .filter(({ name }) => name.startsWith('sallyport_http_'))
    .flatMap(({ values }) =>
      values.map(({ labels, value, ...more }) => ({
        name: 'metricName' in more ? String(more.metricName) : 'sallyport_http_requests_total',
        labels: labels as Readonly<Record<string, string>>,
        value,
      })),
    );
}

async function counted(): Promise<readonly Readonly<Record<string, string>>[]> {
  return (await samples())
    .filter(({ name, value }) => name === 'sallyport_http_requests_total' && value > 0)
    .map(({ labels: { method, route, status, caller } }) => ({
      ...{ method: method ?? '', route: route ?? '', status: status ?? '', caller: caller ?? '' },
    }));
}

/** A client has its answer before the gateway has counted it. */
async function countedOnce(): Promise<readonly Readonly<Record<string, string>>[]> {
  for (let looks = 0; looks < 100; looks += 1) {
    const found = await counted();
    if (found.length > 0) return found;
    await pause(20);
  }
  return [];
}

const bearer = (payload: Readonly<Record<string, unknown>> = {}) =>
  [['authorization', `Bearer ${gateway.mint.accessToken({ payload })}`]] as const;

it.each<[string, () => Promise<unknown>, Readonly<Record<string, string>>]>([
  [
    'a path that does not exist',
    () => gateway.send({ path: '/nowhere/4711' }),
    { method: 'GET', route: 'none', status: '404', caller: 'anonymous' },
  ],
  [
    'a method that does not exist',
    () => gateway.send({ method: 'PROPFIND', path: '/orders' }),
    { method: 'OTHER', route: 'none', status: '405', caller: 'anonymous' },
  ],
  [
    'a request that is refused before a route is looked for',
    () => gateway.send({ path: '/products', headers: [['x-user-id', 'mallory']] }),
    { method: 'GET', route: 'none', status: '400', caller: 'anonymous' },
  ],
  [
    'bytes that are no request',
    () => gateway.exchange('nonsense\r\n\r\n'),
    { method: 'OTHER', route: 'none', status: '400', caller: 'anonymous' },
  ],
  [
    'a credential that is not accepted',
    () => gateway.send({ path: '/orders/4711', headers: [['authorization', 'Bearer a.b.c']] }),
    { method: 'GET', route: '/orders/:id', status: '401', caller: 'anonymous' },
  ],
  [
    'a user without the scope',
    () => gateway.send({ path: '/orders/4711', headers: bearer({ scope: '' }) }),
    { method: 'GET', route: '/orders/:id', status: '403', caller: 'user' },
  ],
  [
    'a request that is done',
    () => gateway.send({ path: '/products' }),
    { method: 'GET', route: '/products', status: '200', caller: 'anonymous' },
  ],
])('counts %s', async (_, request, labels) => {
  await request();
  expect(await countedOnce()).toEqual([labels]);
});

it('measures how long a route takes', async () => {
  await gateway.send({ path: '/products' });
  await countedOnce();
  const ofRoute = (await samples()).filter(({ labels }) => labels['route'] === '/products');
  const value = (suffix: string) =>
    ofRoute.find(({ name }) => name === `sallyport_http_request_seconds_${suffix}`)?.value;
  expect(value('count')).toBe(1);
  expect(value('sum')).toBeGreaterThan(0);
  expect(value('sum')).toBeLessThan(5);
});

it('has no label that a client can make up', async () => {
  const token = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);
  const sent = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PROPFIND', 'LOCK', 'DELETE', 'OPTIONS'),
    path: fc.oneof(
      fc.array(token, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`),
      token.map((id) => `/orders/${id}`),
      token.map((query) => `/products?${query}=${query}`),
    ),
    headers: fc.array(fc.tuple(token, token), { maxLength: 3 }),
  });
  const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'OTHER']);
  await fc.assert(
    fc.asyncProperty(sent, async (request) => {
      // Some names of headers are none that may be sent twice, or at all.
      await send(gateway.port, request).catch(() => undefined);
      for (const { method, route, status, caller } of await counted()) {
        expect(known).toContain(method);
        expect(['none', '/', '/orders/:id', '/products', '*']).toContain(route);
        expect(status).toMatch(/^[2-5]\d\d$/);
        expect(caller).toBe('anonymous');
      }
    }),
    { numRuns: 100 },
  );
});
