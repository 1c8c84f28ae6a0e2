import { randomUUID } from 'node:crypto';
import type { CallOptions } from '@sallyport/contracts';
import { encodeIdentityHeaders } from '@sallyport/principal';
import { describeOnSharedState, handlesLeftBy, type SharedStateForTests } from '@sallyport/testing';
import { AccessTokenVerifier, LocalKeySet, systemClock } from '@sallyport/tokens';
import { start } from './start';
import {
  ISSUER,
  SEEDED,
  SEEDED_PARTNER,
  StartedAuthService,
  type AuthClient,
} from './start.fixture';
import { newThumbprint } from './partners/partners.fixture';

const PASSWORD = 'correct horse battery staple';
const KEY_SET = '/.well-known/jwks.json';

describeOnSharedState('auth-service', (openSharedState) => {
  let state: SharedStateForTests;
  let service: StartedAuthService;
  let gateway: AuthClient;

  beforeAll(async () => {
    state = await openSharedState();
    // A database of its own: other suites share the server.
    service = await StartedAuthService.start(new URL('/10', state.url).href);
    gateway = await service.clientOf('gateway');
  });

  afterAll(async () => {
    await service.close();
    await state.close();
  });

  const newEmail = (): string => `${randomUUID()}@example.com`;
  const from = (clientAddress = '192.0.2.7'): CallOptions => ({
    timeoutMs: 30_000,
    metadata: { 'x-client-address': clientAddress },
  });

  async function registered() {
    const email = newEmail();
    const { tokens } = await gateway.register(
      { email, password: PASSWORD, userAgent: '', deviceTokens: '' },
      from(),
    );
    if (!tokens) throw new Error('no tokens');
    return { email, tokens };
  }

  async function verify(accessToken: string) {
    const { content } = await service.get('gateway', KEY_SET);
    return new AccessTokenVerifier({
      issuer: ISSUER,
      audience: 'https://api.sallyport.internal',
      keys: new LocalKeySet(content),
      clock: systemClock,
      clockToleranceSeconds: 0,
    }).verify(accessToken);
  }

  describe('refuses', () => {
    it('every rpc from a service that is not the gateway, before a handler runs', async () => {
      const orders = await service.clientOf('orders-service');
      const before = await service.counted('target="sallyport.auth.v1.AuthService/Login"');
      const credentials = {
        email: newEmail(),
        password: PASSWORD,
        userAgent: '',
        deviceTokens: '',
      };
      for (const call of [
        orders.register(credentials, from()),
        orders.login(credentials, from()),
        orders.refresh({ refreshToken: 'x', userAgent: '' }, from()),
        orders.logout({ refreshToken: 'x' }, from()),
        orders.getAccount({}, from()),
      ]) {
        await expect(call).rejects.toMatchObject({
          status: 'PERMISSION_DENIED',
          reason: 'caller_not_allowed',
        });
      }
      expect(await service.counted('target="sallyport.auth.v1.AuthService/Login"')).toBe(before);
    });

    it('partners to a service that is not the gateway', async () => {
      const orders = await service.partnersClientOf('orders-service');
      const certificate = {
        thumbprint: newThumbprint(),
        subjectAlternativeNames: SEEDED_PARTNER.names,
      };
      for (const call of [
        orders.resolvePartner({ certificate, mayBeUnknown: false }, from()),
        orders.issuePartnerToken({ certificate, scope: '' }, from()),
      ]) {
        await expect(call).rejects.toMatchObject({
          status: 'PERMISSION_DENIED',
          reason: 'caller_not_allowed',
        });
      }
    });

    it('the key set to a service that is not the gateway', async () => {
      const { statusCode, content } = await service.get('orders-service', KEY_SET);
      expect(statusCode).toBe(403);
      expect(content).toMatchObject({ code: 'caller_not_allowed' });
    });

    it('whatever else is asked for over HTTPS', async () => {
      const { statusCode, content } = await service.get('gateway', '/.well-known/private.json');
      expect(statusCode).toBe(404);
      expect(content).toMatchObject({ status: 404 });
    });

    it('an account to a call without a principal', async () => {
      await expect(gateway.getAccount({}, from())).rejects.toMatchObject({
        status: 'UNAUTHENTICATED',
      });
    });

    it.each([
      ['an invalid address', 'alice', PASSWORD, 'INVALID_ARGUMENT', 'email_invalid'],
      ['a short password', newEmail(), 'short', 'INVALID_ARGUMENT', 'password_too_short'],
      ['a taken address', SEEDED.email, PASSWORD, 'ALREADY_EXISTS', 'registration_refused'],
    ])('to register %s', async (_name, email, password, status, reason) => {
      await expect(
        gateway.register({ email, password, userAgent: '', deviceTokens: '' }, from()),
      ).rejects.toMatchObject({
        status,
        reason,
      });
    });

    it('an unknown account and a wrong password alike, with one event each', async () => {
      const { email } = await registered();
      const labels = 'type="authentication",outcome="refused",reason="invalid_credentials"';
      const before = await service.counted(labels);
      const refusals = await Promise.all(
        [email, newEmail()].map((each) =>
          gateway
            .login({ email: each, password: 'wrong', userAgent: '', deviceTokens: '' }, from())
            .catch((error: unknown) => error),
        ),
      );
      expect(refusals[0]).toMatchObject({
        status: 'UNAUTHENTICATED',
        reason: 'invalid_credentials',
      });
      expect(refusals[1]).toEqual(refusals[0]);
      expect(await service.counted(labels)).toBe(before + 2);
    });

    it('attempts on an account from one address that follow too fast on wrong ones, right or wrong', async () => {
      const { email } = await registered();
      const guess = () =>
        gateway.login(
          { email, password: 'wrong', userAgent: '', deviceTokens: '' },
          from('192.0.2.66'),
        );
      for (let attempt = 0; attempt < 3; attempt += 1) {
        await expect(guess()).rejects.toMatchObject({ reason: 'invalid_credentials' });
      }
      // One that ends the free ones may come a pause later.
      await expect(Promise.all([guess(), guess()])).rejects.toMatchObject({
        reason: 'too_many_attempts',
      });
      await expect(
        gateway.login(
          { email, password: PASSWORD, userAgent: '', deviceTokens: '' },
          from('192.0.2.66'),
        ),
      ).rejects.toMatchObject({ status: 'RESOURCE_EXHAUSTED', reason: 'too_many_attempts' });
      await expect(
        gateway.login({ email, password: PASSWORD, userAgent: '', deviceTokens: '' }, from()),
      ).resolves.toBeDefined();
    });

    it('what it cannot hash in time, and serves the next', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 100 }, () =>
          gateway.login(
            { email: newEmail(), password: PASSWORD, userAgent: '', deviceTokens: '' },
            from(),
          ),
        ),
      );
      const reasons = new Set(
        outcomes.map((each) =>
          each.status === 'rejected' ? (each.reason as { reason: unknown }).reason : 'served',
        ),
      );
      expect(reasons).toEqual(new Set(['invalid_credentials', 'server_busy']));
      await expect(registered()).resolves.toBeDefined();
    });

    it('a refresh token that was exchanged, and then its successor', async () => {
      const { tokens } = await registered();
      const first = { refreshToken: tokens.refreshToken, userAgent: '', deviceTokens: '' };
      const second = await gateway.refresh(first, from());
      const refusals = [];
      for (const refreshToken of [first.refreshToken, second.tokens?.refreshToken ?? '']) {
        const each = { refreshToken, userAgent: '', deviceTokens: '' };
        refusals.push(await gateway.refresh(each, from()).catch((error: unknown) => error));
      }
      expect(refusals[0]).toMatchObject({ status: 'UNAUTHENTICATED', reason: 'invalid_grant' });
      expect(refusals[1]).toEqual(refusals[0]);
    });
  });

  it('issues tokens that verify by the key set it publishes', async () => {
    const { tokens } = await registered();
    const { sub, scopes } = await verify(tokens.accessToken);
    expect(tokens.expiresIn).toBe(900);
    expect(tokens.scope.split(' ')).toEqual([...scopes]);
    const { tokens: refreshed } = await gateway.refresh(
      { refreshToken: tokens.refreshToken, userAgent: '' },
      from(),
    );
    expect(await verify(refreshed?.accessToken ?? '')).toMatchObject({ sub });
    expect(refreshed?.sessionExpiresAt).toEqual(tokens.sessionExpiresAt);
  });

  it('publishes public keys alone, for a minute', async () => {
    const { statusCode, headers, content } = await service.get('gateway', KEY_SET);
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(headers['cache-control']).toBe('public, max-age=60');
    const { keys } = content as { keys: object[] };
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([
      ['alg', 'e', 'kid', 'kty', 'n', 'use'],
    ]);
  });

  it('logs seeded accounts in with the scopes they were given', async () => {
    const { tokens } = await gateway.login({ ...SEEDED, userAgent: '', deviceTokens: '' }, from());
    expect(tokens?.scope).toBe('keys:manage');
  });

  it('issues seeded partners tokens that are bound to the certificate presented', async () => {
    const partners = await service.partnersClientOf('gateway');
    const { id, names, scopes } = SEEDED_PARTNER;
    const certificate = { thumbprint: newThumbprint(), subjectAlternativeNames: names };
    const issued = await partners.issuePartnerToken({ certificate, scope: '' }, from());
    expect(issued.scope.split(' ')).toEqual(scopes);
    const claims = await verify(issued.accessToken);
    expect(claims).toMatchObject({
      ...{ sub: id, client_id: id, principal_type: 'partner' },
      certificateThumbprint: certificate.thumbprint,
    });
    expect(issued.expiresAt).toEqual(new Date(claims.exp * 1000));
  });

  it('shows users their account', async () => {
    const { email, tokens } = await registered();
    const { sub } = await verify(tokens.accessToken);
    const metadata = encodeIdentityHeaders({ id: sub, type: 'user', scopes: new Set() });
    expect(await gateway.getAccount({}, { timeoutMs: 30_000, metadata })).toEqual({
      id: sub,
      email,
      scopes: tokens.scope.split(' '),
      createdAt: expect.any(Date) as Date,
    });
  });

  it('ends a session at logout, and takes any other token for done', async () => {
    const { tokens } = await registered();
    const presented = { refreshToken: tokens.refreshToken, userAgent: '', deviceTokens: '' };
    await gateway.logout(presented, from());
    await expect(gateway.refresh(presented, from())).rejects.toMatchObject({
      reason: 'invalid_grant',
    });
    await expect(gateway.logout(presented, from())).resolves.toEqual({});
    await expect(gateway.logout({ refreshToken: 'unknown' }, from())).resolves.toEqual({});
  });

  it('is ready', async () => {
    expect(JSON.parse(await service.operations('/health/ready'))).toEqual({
      status: 'up',
      checks: { database: 'up', redis: 'up', identity: 'up', 'revocation-feed': 'up' },
    });
  });

  it('leaves nothing open when its last step fails', async () => {
    // The operations listener of the one that runs is in the way.
    const settings = {
      ...service.settings,
      GRPC_LISTEN: '127.0.0.1:0',
      HTTPS_LISTEN: '127.0.0.1:0',
    };
    const failed = () => expect(start(settings)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await handlesLeftBy(failed)).toEqual([]);
    await expect(service.operations('/health/live')).resolves.toBe('{"status":"up"}');
  });

  it('keeps its key and its accounts over a restart', async () => {
    const before = await service.get('gateway', KEY_SET);
    const { email } = await registered();
    await service.restart();
    expect((await service.get('gateway', KEY_SET)).content).toEqual(before.content);
    // A client that has just lost its connection fails at once, for half a second at most.
    const newClient = await service.clientOf('gateway');
    await expect(
      newClient.login({ email, password: PASSWORD, userAgent: '', deviceTokens: '' }, from()),
    ).resolves.toBeDefined();
  });
});
