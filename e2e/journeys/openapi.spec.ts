import { placeOrder, refreshCookieOf, signedIn, signUp } from '../src/customers';
import type { Customer, PlacedOrder } from '../src/customers';
import { needs } from '../src/needs';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import type { PublicRequest } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';

needs('databases');

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

/**
 * In the order in which somebody would try them: an account, its sessions, an order, an API key, another password, the
 * end; then what an operator does.
 */
const ROUTES = [
  'GET /.well-known/jwks.json',
  'GET /products',
  'POST /auth/register',
  'POST /auth/register/confirm',
  'POST /auth/login',
  'GET /auth/me',
  'GET /auth/mfa',
  'POST /auth/mfa/verify',
  'POST /auth/mfa/sms',
  'POST /auth/mfa/sms/confirm',
  'POST /auth/mfa/sms/send',
  'DELETE /auth/mfa/sms',
  'POST /auth/step-up/sms/send',
  'POST /auth/mfa/totp',
  'POST /auth/mfa/totp/confirm',
  'POST /auth/mfa/recovery-codes',
  'DELETE /auth/mfa/totp',
  'POST /auth/passkeys/options',
  'POST /auth/passkeys',
  'GET /auth/passkeys',
  'PATCH /auth/passkeys/{id}',
  'DELETE /auth/passkeys/{id}',
  'POST /auth/passkeys/login/options',
  'POST /auth/passkeys/login',
  'POST /auth/mfa/passkey/options',
  'POST /auth/step-up/passkey/options',
  'POST /auth/step-up/passkey',
  'POST /auth/step-up',
  'GET /auth/sessions',
  'GET /auth/security',
  'GET /auth/security/events',
  'DELETE /auth/sessions/{id}',
  'DELETE /auth/sessions',
  'GET /auth/consents',
  'DELETE /auth/consents/{clientId}',
  'POST /orders',
  'GET /orders',
  'GET /orders/{id}',
  'GET /invoices',
  'GET /invoices/{id}',
  'POST /invoices/{id}/refund',
  'POST /orders/{id}/cancel',
  'POST /api-keys',
  'GET /api-keys',
  'POST /api-keys/{id}/rotate',
  'DELETE /api-keys/{id}',
  'DELETE /api-keys',
  'POST /auth/password',
  'POST /auth/password-reset',
  'POST /auth/password-reset/confirm',
  'POST /auth/refresh',
  'POST /oauth2/revoke',
  'POST /auth/logout-all',
  'POST /auth/logout',
  'POST /auth/compromised',
  'GET /admin/keys',
  'GET /admin/security-events',
  'POST /admin/keys/prepare',
  'POST /admin/keys/activate',
  'POST /admin/keys/retire',
  'POST /admin/keys/taint',
  'POST /admin/accounts/end-sessions',
  'POST /admin/accounts/revoke-api-keys',
  'POST /admin/accounts/lock',
  'POST /admin/accounts/unlock',
  'POST /admin/accounts/delete',
  'POST /admin/oauth-clients',
  'GET /admin/oauth-clients',
  'POST /admin/oauth-clients/{id}/rotate-secret',
  'POST /admin/oauth-clients/{id}/replace-keys',
  'POST /admin/oauth-clients/{id}/disable',
  'POST /admin/oauth-clients/{id}/enable',
];

/**
 * The visitor has no second factor. The key, the codes and the passkeys of the examples are none here, and no other key may be moved on
 * while it signs for all specs. The client of the example has a secret, and therefore no keys.
 */
const ANSWERED_OTHERWISE: Readonly<Record<string, readonly number[]>> = {
  'POST /auth/mfa/verify': [401],
  'POST /invoices/{id}/refund': [401],
  'POST /auth/mfa/totp/confirm': [401],
  'POST /auth/mfa/sms/confirm': [401],
  'POST /auth/mfa/sms/send': [401],
  'DELETE /auth/mfa/sms': [404],
  'POST /auth/step-up/sms/send': [404],
  'POST /auth/mfa/recovery-codes': [404],
  'DELETE /auth/mfa/totp': [404],
  'POST /auth/passkeys': [401],
  'PATCH /auth/passkeys/{id}': [404],
  'DELETE /auth/passkeys/{id}': [404],
  'POST /auth/passkeys/login': [401],
  'POST /auth/mfa/passkey/options': [401],
  'POST /auth/step-up/passkey': [401],
  'DELETE /auth/consents/{clientId}': [404],
  'POST /admin/keys/prepare': [201, 409],
  'POST /admin/keys/activate': [409],
  'POST /admin/keys/retire': [404],
  'POST /admin/keys/taint': [404],
  'POST /admin/oauth-clients/{id}/replace-keys': [400],
  'POST /auth/password-reset/confirm': [400],
  'POST /auth/register/confirm': [400],
  // All sessions have ended by then, as they would by this.
  'POST /auth/compromised': [401],
};

const client = new PublicClient();

describe('the description of the API', () => {
  let document: OpenApi;
  let operator: Customer;
  let order: PlacedOrder;
  /** Whose tokens were issued last. */
  let visitor: Customer;
  /** The session before that. */
  let earlierSession: string;
  let apiKeyId: string;
  beforeAll(async () => {
    const response = await client.send({ path: '/openapi.json' });
    expect(response.headers['content-type']).toMatch(/^application\/json\b/);
    document = response.json as OpenApi;
    operator = await newOperator(client);
    visitor = await signUp(client);
    order = await placeOrder(client, visitor);
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
    const expected = ANSWERED_OTHERWISE[route] ?? [200, 201, 202, 204];
    expect(expected).toContain(response.status);
    goOnWith(route, response);
  });

  it.each(ROUTES)('says rightly whether %s needs a user', async (route) => {
    const { security } = operationOf(route);
    const [method = '', path = ''] = route.split(' ');

    const response = await client.send({ method, path: path.replace(/\{\w+\}/, order.id) });

    expect(response.problem?.code === 'credential_missing').toBe(security !== undefined);
  });

  it.each([
    ['GET', '/nowhere'],
    ['GET', '/admin'],
    ['GET', '/admin/accounts'],
    ['GET', '/health/ready'],
    ['GET', '/metrics'],
    ['DELETE', '/orders'],
    ['GET', '/auth/login'],
    ['POST', '/sallyport.orders.v1.OrdersService/ListOrders'],
    ['POST', '/sallyport.auth.v1.OperatorService/LockAccount'],
  ])('is complete: there is no %s %s', async (method, path) => {
    const { accessToken } = operator;
    const response = await client.send({ method, path, accessToken });
    expect([404, 405]).toContain(response.status);
  });

  function send(route: string, operation: Operation): Promise<PublicResponse> {
    const [method = '', template = ''] = route.split(' ');
    const headers = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'header')
      .map(({ name, schema }): readonly [string, string] => [name, schema?.example ?? '']);
    if (template === '/auth/refresh' || template === '/auth/logout')
      headers.push(['Cookie', visitor.cookie]);
    const { accessToken } = template.startsWith('/admin/') ? operator : visitor;
    return client.send({
      method,
      path: template.replace(/\{\w+\}/, idIn(template)),
      headers,
      accessToken: operation.security === undefined ? undefined : accessToken,
      ...exampleOf(operation),
    });
  }

  function idIn(template: string): string {
    if (template.startsWith('/api-keys')) return apiKeyId;
    if (template.startsWith('/admin/oauth-clients')) return 'web-shop';
    if (template.startsWith('/invoices')) return order.invoiceId ?? '';
    return template.startsWith('/auth/sessions') ? earlierSession : order.id;
  }

  function goOnWith(route: string, response: PublicResponse): void {
    if (route === 'POST /api-keys') apiKeyId = (response.json as { readonly id: string }).id;
    if (route === 'POST /orders') order = response.json as PlacedOrder;
    if (refreshCookieOf(response) === undefined || response.status === 204) return;
    if (route === 'POST /auth/logout-all') return;
    earlierSession = visitor.sessionId;
    visitor = signedIn(response, visitor);
  }

  function exampleOf({ requestBody }: Operation): Pick<PublicRequest, 'json' | 'form'> {
    const [[type, content] = [undefined, undefined]] = Object.entries(requestBody?.content ?? {});
    if (content === undefined) return {};
    const name = content.schema.$ref.split('/').at(-1) ?? '';
    const [example] = document.components.schemas[name]?.examples ?? [];
    if (example === undefined) throw new Error(`${name} has no example`);
    if (type === 'application/json') return { json: example };
    return { form: Object.entries(example as Readonly<Record<string, string>>) };
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
