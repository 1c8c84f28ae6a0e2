import { PUBLIC_URL, startTestGateway, type TestGateway } from '../gateway.fixture';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

interface OpenApi {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, Record<string, unknown>>;
    readonly securitySchemes: Record<string, unknown>;
  };
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly requestBody?: unknown;
  readonly parameters: readonly { readonly name: string; readonly required: boolean }[];
  readonly responses: Record<string, { readonly description: string; readonly content?: unknown }>;
}

async function readDocument(): Promise<OpenApi> {
  return JSON.parse((await gateway.send({ path: '/openapi.json' })).body) as OpenApi;
}

describe('the page', () => {
  it('is where the root leads', async () => {
    const answer = await gateway.send({ path: '/' });
    expect(answer).toMatchObject({ status: 302, headers: { location: '/docs' } });
  });

  it('loads only files of this host, all of which are there', async () => {
    const page = await gateway.send({ path: '/docs' });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
    expect(page.body).not.toMatch(/<style|style=|<script>|onload|https?:/);
    const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(files).toHaveLength(4);
    for (const path of files) {
      expect(path).toMatch(/^\/docs\/[\w.-]+$/);
      const file = await gateway.send({ path });
      expect(file.status).toBe(200);
      expect(file.headers['content-type']).toMatch(/^(text\/(css|javascript)|image\/png)/);
    }
  });

  it.each([['package.json'], ['index.html'], ['..'], ['constructor']])(
    'has no file %s',
    async (name) => {
      const answer = await gateway.send({ path: `/docs/${name}` });
      expect([400, 404]).toContain(answer.status);
      expect(answer.headers['cache-control']).toBe('no-store');
    },
  );
});

describe('the OpenAPI document', () => {
  it('names this gateway and how to authenticate', async () => {
    const document = await readDocument();
    expect(document.openapi).toBe('3.1.0');
    expect(document.servers).toEqual([{ url: PUBLIC_URL }]);
    expect(document.components.securitySchemes).toEqual({
      accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'at+jwt (RFC 9068)' },
      apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
    });
  });

  it('describes every operation, its success and its problems', async () => {
    const { paths } = await readDocument();
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => [`${method} ${path}`, operation] as const,
      ),
    );
    expect(operations.map(([name]) => name).sort()).toEqual([
      'delete /api-keys',
      'delete /api-keys/{id}',
      'delete /auth/consents/{clientId}',
      'delete /auth/mfa/sms',
      'delete /auth/mfa/totp',
      'delete /auth/passkeys/{id}',
      'delete /auth/sessions',
      'delete /auth/sessions/{id}',
      'get /.well-known/jwks.json',
      'get /admin/keys',
      'get /admin/oauth-clients',
      'get /admin/security-events',
      'get /api-keys',
      'get /auth/consents',
      'get /auth/me',
      'get /auth/mfa',
      'get /auth/passkeys',
      'get /auth/security',
      'get /auth/security/events',
      'get /auth/sessions',
      'get /invoices',
      'get /invoices/{id}',
      'get /orders',
      'get /orders/{id}',
      'get /products',
      'patch /auth/passkeys/{id}',
      'post /admin/accounts/delete',
      'post /admin/accounts/end-sessions',
      'post /admin/accounts/lock',
      'post /admin/accounts/revoke-api-keys',
      'post /admin/accounts/unlock',
      'post /admin/keys/activate',
      'post /admin/keys/prepare',
      'post /admin/keys/retire',
      'post /admin/keys/taint',
      'post /admin/oauth-clients',
      'post /admin/oauth-clients/{id}/disable',
      'post /admin/oauth-clients/{id}/enable',
      'post /admin/oauth-clients/{id}/replace-keys',
      'post /admin/oauth-clients/{id}/rotate-secret',
      'post /api-keys',
      'post /api-keys/{id}/rotate',
      'post /auth/compromised',
      'post /auth/login',
      'post /auth/logout',
      'post /auth/logout-all',
      'post /auth/mfa/passkey/options',
      'post /auth/mfa/recovery-codes',
      'post /auth/mfa/sms',
      'post /auth/mfa/sms/confirm',
      'post /auth/mfa/sms/send',
      'post /auth/mfa/totp',
      'post /auth/mfa/totp/confirm',
      'post /auth/mfa/verify',
      'post /auth/passkeys',
      'post /auth/passkeys/login',
      'post /auth/passkeys/login/options',
      'post /auth/passkeys/options',
      'post /auth/password',
      'post /auth/password-reset',
      'post /auth/password-reset/confirm',
      'post /auth/refresh',
      'post /auth/register',
      'post /auth/register/confirm',
      'post /auth/step-up',
      'post /auth/step-up/passkey',
      'post /auth/step-up/passkey/options',
      'post /auth/step-up/sms/send',
      'post /invoices/{id}/refund',
      'post /oauth2/revoke',
      'post /orders',
      'post /orders/{id}/cancel',
    ]);
    for (const [, { summary, responses }] of operations) {
      expect(summary).toBeTruthy();
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '503']));
      const [success] = Object.keys(responses).filter((status) => status.startsWith('2'));
      expect(success).toBeDefined();
      for (const [status, { description, content }] of Object.entries(responses)) {
        expect(description).toBeTruthy();
        if (status.startsWith('2')) continue;
        expect(content).toEqual({
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        });
      }
    }
  });

  it('takes who may call from the access declarations', async () => {
    const { paths } = await readDocument();
    const create = paths['/orders']?.['post'];
    expect(create?.security).toEqual([{ accessToken: [] }, { apiKey: [] }]);
    expect(create?.responses['401']?.description).toBe(
      '`credential_missing`, `invalid_api_key`, `invalid_token`',
    );
    expect(create?.responses['403']?.description).toBe('`insufficient_scope`');
    expect(create?.parameters).toMatchObject([
      { name: 'Idempotency-Key', required: true, example: expect.stringMatching(/^[!-~]+$/) },
    ]);
    expect(paths['/products']?.['get']?.security).toBeUndefined();
    const me = paths['/auth/me']?.['get'];
    expect(me?.security).toEqual([{ accessToken: [] }]);
    expect(me?.responses['401']?.description).toBe('`credential_missing`, `invalid_token`');
    expect(me?.responses['403']?.description).toBe('`session_required`');
    const makeKey = paths['/api-keys']?.['post'];
    expect(makeKey?.security).toEqual([{ accessToken: [] }]);
    expect(makeKey?.description).toContain('`api-keys:manage`');
    expect(makeKey?.responses['403']?.description).toBe(
      '`scope_not_held`, `insufficient_scope`, `session_required`',
    );
  });

  it('tells the one route that takes a form from those that take JSON', async () => {
    const { paths } = await readDocument();
    const revoke = paths['/oauth2/revoke']?.['post'];
    expect(revoke?.security).toBeUndefined();
    expect(revoke?.requestBody).toEqual({
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: { $ref: '#/components/schemas/RevocationRequest' },
        },
      },
    });
    expect(revoke?.responses['400']?.description).toMatch(/^`invalid_request`, /);
    expect(Object.keys(revoke?.responses ?? {})).toEqual(['200', '400', '413', '429', '503']);
    const password = paths['/auth/password']?.['post'];
    expect(password?.requestBody).toMatchObject({ content: { 'application/json': {} } });
    expect(Object.keys(password?.responses ?? {})).toContain('415');
  });

  it('tells where a token may go unjudged', async () => {
    const { paths } = await readDocument();
    const unjudged = '`authentication_unavailable`, `server_busy`, `service_unavailable`';
    expect(paths['/auth/sessions']?.['get']?.responses['503']?.description).toBe(unjudged);
    expect(paths['/products']?.['get']?.responses['503']?.description).toBe(
      '`server_busy`, `service_unavailable`',
    );
  });

  it('tells which quota each operation is taken from, and where what is left of it stands', async () => {
    const { paths } = await readDocument();
    const classOf = (path: string, method: string) =>
      (paths[path]?.[method] as { 'x-rate-limit-class'?: string } | undefined)?.[
        'x-rate-limit-class'
      ];
    expect(classOf('/orders', 'get')).toBe('read');
    expect(classOf('/orders', 'post')).toBe('write');
    expect(classOf('/auth/login', 'post')).toBe('credentials');
    expect(classOf('/auth/refresh', 'post')).toBe('session');
    expect(classOf('/admin/keys', 'get')).toBe('admin');
    for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
      expect(operation).toHaveProperty('x-rate-limit-class');
      expect(operation.responses['429']).toMatchObject({
        description: expect.stringContaining('`rate_limited`'),
        headers: { RateLimit: {}, 'RateLimit-Policy': {} },
      });
    }
  });

  it('refers to no schema that is missing, and shows examples of what to send', async () => {
    const document = await readDocument();
    const { schemas } = document.components;
    const references = JSON.stringify(document).matchAll(
      /"\$ref":"#\/components\/schemas\/(\w+)"/g,
    );
    for (const [, name] of references) expect(Object.keys(schemas)).toContain(name);
    expect(JSON.stringify(document)).not.toMatch(/\$defs|x-nestjs_zod/);
    expect(schemas['CreateOrder']?.['examples']).toBeDefined();
    for (const name of [
      'Credentials',
      'PasswordChange',
      'RevocationRequest',
      'SigningKeyReference',
      'KeyActivation',
      'AccountReference',
      'NewApiKey',
      'ApiKeyRotation',
    ]) {
      expect(schemas[name]?.['examples']).toBeDefined();
    }
  });
});
