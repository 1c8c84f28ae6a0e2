import { placeOrder, refreshCookieOf, signUp } from '../src/customers';
import type { Customer, PlacedOrder } from '../src/customers';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';

interface Parameter {
  readonly name: string;
  readonly in: 'header' | 'path' | 'query';
  readonly schema?: { readonly example?: string };
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<
      Record<string, { readonly schema: { readonly $ref: string } } | undefined>
    >;
  };
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, unknown>>;
}

interface OpenApi {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<
      Record<string, { readonly examples?: readonly unknown[] } | undefined>
    >;
  };
}

/** In the order in which somebody would try them: an account, a session, an order, the end. */
const ROUTES = [
  'GET /.well-known/jwks.json',
  'GET /products',
  'POST /auth/register',
  'POST /auth/login',
  'GET /auth/me',
  'POST /orders',
  'GET /orders',
  'GET /orders/{id}',
  'GET /invoices',
  'GET /invoices/{id}',
  'POST /orders/{id}/cancel',
  'POST /auth/refresh',
  'POST /auth/logout',
];

const client = new PublicClient();

describe('the description of the API', () => {
  let document: OpenApi;
  let customer: Customer;
  let order: PlacedOrder;
  /** Of the session that was opened or renewed last. */
  let cookie: string;
  beforeAll(async () => {
    const response = await client.send({ path: '/openapi.json' });
    expect(response.headers['content-type']).toMatch(/^application\/json\b/);
    document = response.json as OpenApi;
    customer = await signUp(client);
    order = await placeOrder(client, customer);
    cookie = customer.cookie;
  });

  const operationOf = (route: string): Operation => {
    const [method = '', path = ''] = route.split(' ');
    const operation = document.paths[path]?.[method.toLowerCase()];
    if (operation === undefined) throw new Error(`${route} is not described`);
    return operation;
  };

  it('names this gateway, and each of its routes', () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );

    expect(document.servers).toEqual([{ url: `https://${client.host}` }]);
    expect(described.sort()).toEqual([...ROUTES].sort());
  });

  it.each(ROUTES)('shows by example how to %s', async (route) => {
    const operation = operationOf(route);

    const response = await send(route, operation);

    expect(Object.keys(operation.responses)).toContain(String(response.status));
    expect(response.status).toBeLessThan(300);
    cookie = refreshCookieOf(response) ?? cookie;
  });

  it.each(ROUTES)('says rightly whether %s needs a user', async (route) => {
    const { security } = operationOf(route);
    const [method = '', path = ''] = route.split(' ');

    const response = await client.send({ method, path: path.replace('{id}', order.id) });

    expect(response.problem?.code === 'credential_missing').toBe(security !== undefined);
  });

  it.each([
    ['GET', '/nowhere'],
    ['GET', '/admin'],
    ['GET', '/health/ready'],
    ['GET', '/metrics'],
    ['DELETE', '/orders'],
    ['GET', '/auth/login'],
    ['POST', '/sallyport.orders.v1.OrdersService/ListOrders'],
  ])('is complete: there is no %s %s', async (method, path) => {
    const { accessToken } = customer;
    const response = await client.send({ method, path, accessToken });
    expect([404, 405]).toContain(response.status);
  });

  function send(route: string, operation: Operation): Promise<PublicResponse> {
    const [method = '', template = ''] = route.split(' ');
    const id = template.startsWith('/invoices') ? (order.invoiceId ?? '') : order.id;
    const headers = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'header')
      .map(({ name, schema }): readonly [string, string] => [name, schema?.example ?? '']);
    if (template === '/auth/refresh' || template === '/auth/logout')
      headers.push(['Cookie', cookie]);
    return client.send({
      method,
      path: template.replace('{id}', id),
      headers,
      accessToken: operation.security === undefined ? undefined : customer.accessToken,
      json: exampleOf(operation),
    });
  }

  function exampleOf({ requestBody }: Operation): unknown {
    if (requestBody === undefined) return undefined;
    const name = requestBody.content['application/json']?.schema.$ref.split('/').at(-1) ?? '';
    const [example] = document.components.schemas[name]?.examples ?? [];
    if (example === undefined) throw new Error(`${name} has no example`);
    return example;
  }
});

describe('the page that shows it', () => {
  it('is HTML that loads nothing from elsewhere, and all it loads is there', async () => {
    const page = await client.send({ path: '/docs' });

    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringMatching(/^default-src 'none';script-src 'self';/),
      'x-content-type-options': 'nosniff',
    });
    const policy = String(page.headers['content-security-policy']);
    expect(policy).not.toMatch(/unsafe-|https?:|\*/);

    const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
    const types = await Promise.all(
      files.map(async (path) => {
        const file = await client.send({ path });
        expect(file.status).toBe(200);
        expect(file.body).not.toBe('');
        return [path, file.headers['content-type']] as const;
      }),
    );
    expect(Object.fromEntries(types)).toEqual({
      '/docs/favicon-32x32.png': 'image/png',
      '/docs/swagger-ui.css': 'text/css; charset=utf-8',
      '/docs/swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
      '/docs/start.js': 'text/javascript; charset=utf-8',
    });
  });

  it('is where the root leads', async () => {
    const root = await client.send({ path: '/' });
    expect(root).toMatchObject({ status: 302, headers: { location: '/docs' } });
  });
});
