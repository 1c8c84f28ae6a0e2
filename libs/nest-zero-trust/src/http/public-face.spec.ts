import {
  Body,
  Controller,
  Get,
  Injectable,
  Module,
  Post,
  Req,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { RpcError } from '@sallyport/contracts';
import { createPrincipal } from '@sallyport/principal';
import { parseScope } from '@sallyport/tokens';
import {
  ClientAddress,
  CurrentPrincipal,
  nestOptions,
  principalOf,
  ProblemError,
  Public,
  RequireAuthentication,
  RequirePrincipal,
  RequireScopes,
  RequireSession,
  ServiceError,
  setPrincipal,
  ZeroTrustModule,
  type HttpRequest,
} from '../index';
import { Traces } from '../probe-service.fixture';

/** Fastify adds a charset, which the media type does not know and clients ignore. */
const PROBLEM_JSON = /^application\/problem\+json(;|$)/;

const thrown: { error: unknown } = { error: undefined };

@Controller('things')
class ThingsController {
  @Get('open')
  @Public()
  open(@Req() request: HttpRequest, @ClientAddress() address: string) {
    return { known: principalOf(request)?.id ?? null, address };
  }

  @Get('mine')
  @RequirePrincipal()
  mine(@CurrentPrincipal() principal: { id: string }) {
    return { id: principal.id };
  }

  @Post(':id/change')
  @RequireScopes('things:read', 'things:write')
  change(@Body() body: unknown) {
    return { body };
  }

  @Get('private')
  @RequireSession('things:read')
  private(@CurrentPrincipal() principal: { id: string }) {
    return { id: principal.id };
  }

  @Post('refund')
  @RequireScopes('things:write')
  @RequireAuthentication({ acr: 'acr:mfa', maxAge: 300 })
  refund(@CurrentPrincipal() principal: { id: string }) {
    return { id: principal.id };
  }

  @Get('failing')
  @Public()
  failing(): void {
    throw thrown.error;
  }
}

/** Stands for the gateway's authentication: who is in the header is who it is. */
@Injectable()
class BelievingGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    const {
      'x-test-user': id,
      'x-test-scopes': scopes,
      'x-test-session': sessionId,
      'x-test-type': type = 'user',
      'x-test-client': clientId = 'own',
      'x-test-acr': acr,
      'x-test-auth-time': authTime,
    } = request.headers;
    if (id !== undefined) {
      const parsed = parseScope(scopes ?? '') ?? new Set<string>();
      const authenticated = { acr, ...(authTime !== undefined && { authTime: Number(authTime) }) };
      const members = { id, type, scopes: parsed, sessionId, clientId, ...authenticated };
      const principal = createPrincipal(members as never);
      setPrincipal(request as unknown as HttpRequest, principal);
    }
    return true;
  }
}

@Module({})
class PublicModule {}

const NOW = new Date('2031-01-01T00:00:00Z');
const NOW_SECONDS = NOW.getTime() / 1000;

describe('a public HTTP face', () => {
  const traces = new Traces();
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const { events, calls, logger } = traces;
    app = await NestFactory.create<NestFastifyApplication>(
      {
        module: PublicModule,
        controllers: [ThingsController],
        providers: [{ provide: APP_GUARD, useClass: BelievingGuard }],
        imports: [
          ZeroTrustModule.forHttp({
            ...{ events, calls, logger, realm: 'test', ownClientId: 'own' },
            ...{ authenticationClasses: ['acr:password', 'acr:mfa'], clock: () => NOW },
          }),
        ],
      },
      new FastifyAdapter({ bodyLimit: 64 }),
      nestOptions(logger),
    );
    await app.init();
  });
  afterAll(() => app.close());
  beforeEach(() => traces.clear());

  const alice = { 'x-test-user': 'alice', 'x-test-scopes': 'things:read things:write' };

  const get = async (url: string, headers: Record<string, string> = {}) =>
    app.inject({ method: 'GET', url, headers });
  const post = async (url: string, payload: string, headers: Record<string, string> = {}) =>
    app.inject({
      ...{ method: 'POST', url, payload },
      headers: { 'content-type': 'application/json', ...headers },
    });

  const problem = (status: number, title: string, code: string) => ({
    ...{ type: `urn:sallyport:problem:${code}`, title, status, code },
  });

  it('refuses 401 without a credential, challenging without an error', async () => {
    const answer = await get('/things/mine');
    expect(answer.statusCode).toBe(401);
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringMatching(PROBLEM_JSON) as unknown,
      'www-authenticate': 'Bearer realm="test"',
      'cache-control': 'no-store',
    });
    expect(answer.json()).toEqual(problem(401, 'Unauthorized', 'credential_missing'));
    expect(traces.events.all).toEqual([
      expect.objectContaining({
        ...{ type: 'authentication', outcome: 'refused', reason: 'credential_missing' },
        ...{ target: 'GET /things/mine', clientAddress: '127.0.0.1' },
      }),
    ]);
    expect(traces.handled).toEqual([]);
    expect((await get('/things/mine', alice)).json()).toEqual({ id: 'alice' });
  });

  it('refuses 403 without one of the scopes, naming those it takes', async () => {
    const reader = { ...alice, 'x-test-scopes': 'things:read' };
    const answer = await post('/things/7/change', '{}', reader);
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="test", error="insufficient_scope", scope="things:read things:write"',
    );
    expect(answer.json()).toEqual(problem(403, 'Forbidden', 'insufficient_scope'));
    expect(traces.events.all).toEqual([
      expect.objectContaining({
        ...{ type: 'authorization', reason: 'insufficient_scope', principal: 'alice' },
        target: 'POST /things/:id/change',
      }),
    ]);
    expect(traces.handled).toEqual([]);
    expect((await post('/things/7/change', '{}', alice)).statusCode).toBe(201);
  });

  it.each([
    ['acts for a user outside of a session', {}],
    ['acts for a user by an OAuth client', { 'x-test-session': 's', 'x-test-client': 'other' }],
    ['is no user', { 'x-test-session': 's', 'x-test-type': 'partner' }],
  ])('refuses 403 who %s where a session is required', async (_name, headers) => {
    const answer = await get('/things/private', { ...alice, ...headers });
    expect(answer.json()).toEqual(problem(403, 'Forbidden', 'session_required'));
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect(traces.events.all).toEqual([
      expect.objectContaining({
        ...{ type: 'authorization', outcome: 'refused', reason: 'session_required' },
        ...{ principal: 'alice', target: 'GET /things/private' },
      }),
    ]);
    expect(traces.handled).toEqual([]);
    const inSession = { ...alice, 'x-test-session': 's' };
    expect((await get('/things/private', inSession)).json()).toEqual({ id: 'alice' });
  });

  it('refuses 403 who is signed in without the scope', async () => {
    const headers = { 'x-test-user': 'alice', 'x-test-session': 's' };
    expect((await get('/things/private', headers)).json()).toMatchObject({
      code: 'insufficient_scope',
    });
  });

  describe('an authentication that is to be strong and recent', () => {
    const justNow = {
      ...alice,
      'x-test-session': 's',
      'x-test-acr': 'acr:mfa',
      'x-test-auth-time': String(NOW_SECONDS),
    };
    const CHALLENGE =
      'realm="test", error="insufficient_user_authentication", error_description="The user has to authenticate again, or more strongly", acr_values="acr:mfa", max_age="300"';

    it.each([
      ['is too old', { 'x-test-auth-time': String(NOW_SECONDS - 301) }],
      ['is too weak', { 'x-test-acr': 'acr:password' }],
      ['lies ahead', { 'x-test-auth-time': String(NOW_SECONDS + 60) }],
    ])('is asked for, 401, where it %s', async (_name, changed) => {
      const answer = await post('/things/refund', '{}', { ...justNow, ...changed });
      expect(answer.headers['www-authenticate']).toBe(`Bearer ${CHALLENGE}`);
      expect(answer.json()).toEqual({
        ...problem(401, 'Unauthorized', 'insufficient_user_authentication'),
        ...{ acr_values: 'acr:mfa', max_age: 300 },
      });
      expect(traces.events.all).toEqual([
        expect.objectContaining({
          ...{ type: 'authorization', outcome: 'refused', principal: 'alice' },
          ...{ reason: 'insufficient_user_authentication', target: 'POST /things/refund' },
        }),
      ]);
      expect(traces.handled).toEqual([]);
      expect((await post('/things/refund', '{}', justNow)).statusCode).toBe(201);
    });

    it.each([
      ['has no session', { 'x-test-session': undefined }],
      ['is a client', { 'x-test-type': 'client' }],
      ['is a partner', { 'x-test-type': 'partner' }],
    ])('is asked of nobody, 403, who %s', async (_name, changed) => {
      const headers = Object.fromEntries(
        Object.entries({ ...justNow, ...changed }).filter(([, value]) => value !== undefined),
      ) as Record<string, string>;
      const answer = await post('/things/refund', '{}', headers);
      expect(answer.json()).toEqual(problem(403, 'Forbidden', 'user_not_present'));
      expect(answer.headers['www-authenticate']).toBeUndefined();
      expect(traces.events.refusals).toEqual(['user_not_present']);
    });

    it('is not asked for where a scope is lacking: it would not help', async () => {
      const answer = await post('/things/refund', '{}', { 'x-test-user': 'alice' });
      expect(answer.json()).toMatchObject({ code: 'insufficient_scope' });
    });
  });

  const frameworkRefusals = [
    ['an unknown route', () => get('/nowhere'), 404, 'not_found'],
    ['a body that is no JSON', () => post('/things/7/change', '{', alice), 400, 'bad_request'],
    [
      'a body over the limit',
      () => post('/things/7/change', JSON.stringify('x'.repeat(100)), alice),
      413,
      'body_too_large',
    ],
    [
      'a body of another type',
      () => post('/things/7/change', '<a/>', { ...alice, 'content-type': 'application/xml' }),
      415,
      'media_type_unsupported',
    ],
  ] as const;

  it.each(frameworkRefusals)('answers %s with a problem', async (_name, send, status, code) => {
    const answer = await send();
    expect(answer.headers['content-type']).toMatch(PROBLEM_JSON);
    expect(answer.json()).toMatchObject({ status, code });
    expect(answer.statusCode).toBe(status);
    expect(Object.keys(answer.json<object>()).sort()).toEqual(['code', 'status', 'title', 'type']);
    expect(traces.handled).toEqual([]);
  });

  const failures: readonly (readonly [string, unknown, number, string])[] = [
    ['a defect', new Error('SELECT * FROM secrets'), 500, 'internal_error'],
    ['something that is no error', 'secrets', 500, 'internal_error'],
    [
      'a service error',
      new ServiceError('NOT_FOUND', 'thing_not_found', 'secrets'),
      404,
      'thing_not_found',
    ],
    [
      'a conflict upstream',
      new RpcError('ABORTED', 'idempotency_key_reused'),
      409,
      'idempotency_key_reused',
    ],
    ['an upstream that is gone', new RpcError('UNAVAILABLE', 'unavailable'), 503, 'unavailable'],
    ['a problem', new ProblemError(422, 'too_odd', { detail: 'secrets' }), 422, 'too_odd'],
  ];

  it.each(failures)('answers %s without its detail', async (_name, error, status, code) => {
    thrown.error = error;
    const answer = await get('/things/failing');
    expect(answer.json()).toMatchObject({ status, code });
    expect(answer.body).not.toContain('secrets');
    expect(answer.headers['retry-after']).toBe(status === 503 ? '2' : undefined);
    expect(traces.handled).toEqual([
      expect.objectContaining({ target: 'GET /things/failing', status }),
    ]);
    expect(traces.events.all).toEqual([]);
  });

  it('answers with the challenge, delay and members that a problem brings along', async () => {
    thrown.error = new ProblemError(401, 'token_expired', {
      challenge: 'Bearer realm="test", error="invalid_token"',
      retryAfterSeconds: 7,
      extensions: { fields: ['name'], status: 200 },
    });
    const answer = await get('/things/failing');
    expect(answer.headers).toMatchObject({
      'www-authenticate': 'Bearer realm="test", error="invalid_token"',
      'retry-after': '7',
    });
    expect(answer.json()).toEqual({
      ...problem(401, 'Unauthorized', 'token_expired'),
      fields: ['name'],
    });
  });

  it('serves what is public to everybody', async () => {
    const answer = await get('/things/open');
    expect(answer.json()).toEqual({ known: null, address: '127.0.0.1' });
    expect((await get('/things/open', alice)).json()).toMatchObject({ known: 'alice' });
    expect(traces.handled).toEqual([
      expect.objectContaining({ target: 'GET /things/open', status: 200, principal: undefined }),
      expect.objectContaining({ target: 'GET /things/open', status: 200, principal: 'alice' }),
    ]);
  });
});
