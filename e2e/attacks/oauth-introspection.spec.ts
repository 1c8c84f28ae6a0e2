import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { TokenMint } from '@sallyport/testing';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { askAuthDatabase } from '../src/auth-database';
import { sharedCluster } from '../src/cluster-facts';
import { partsOf } from '../src/compact-jws';
import { refreshTokenOf, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { introspect, introspectAs } from '../src/introspect';
import { needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import { authorizationRequest, basic, exchangeOf, post, Visitor } from '../src/oauth-requests';
import type { Parameters, Tokens } from '../src/oauth-requests';
import { discoverAs } from '../src/oauth-sign-in';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { publicFetch } from '../src/public-fetch';
import { revoke } from '../src/revoke';

needs('databases');

const client = new PublicClient();
const { gatewayUrl: issuer } = sharedCluster();

/** A server that takes access tokens, and may introspect them. */
let api: RegisteredClient;
/** What tokens are given to. */
let app: RegisteredClient;
let other: RegisteredClient;
let spa: RegisteredClient;
let operator: Customer;
beforeAll(async () => {
  const confidential = { token_endpoint_auth_method: 'client_secret_basic' };
  [api, app, other, spa, operator] = await Promise.all([
    registerClient({
      ...confidential,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      scope: 'tokens:introspect',
    }),
    registerClient(confidential),
    registerClient(confidential),
    registerClient(),
    newOperator(client),
  ]);
});

interface Given {
  readonly customer: Customer;
  readonly visitor: Visitor;
  readonly tokens: Tokens;
}

async function tokensFor(owner: RegisteredClient, visitor: Visitor, scope: string) {
  const wanted = authorizationRequest(owner.id, { scope });
  const { json } = await post(client, 'par', wanted, basic(owner.id, owner.secret));
  const { request_uri: pushed } = json as { readonly request_uri: string };
  const code = await visitor.codeFor({ client_id: owner.id, request_uri: pushed });
  const exchange = exchangeOf(owner.id, code);
  const answer = await post(client, 'token', exchange, basic(owner.id, owner.secret));
  return answer.json as Tokens;
}

async function give(owner = app, scope = 'openid orders:read'): Promise<Given> {
  const customer = await signUp(client);
  const visitor = new Visitor(client, customer);
  return { customer, visitor, tokens: await tokensFor(owner, visitor, scope) };
}

const refresh = (owner: RegisteredClient, refreshToken: string): Promise<PublicResponse> =>
  post(
    client,
    'token',
    { grant_type: 'refresh_token', refresh_token: refreshToken },
    basic(owner.id, owner.secret),
  );

/** Nothing in the answer may tell why, or what it was. */
function expectInactive(answer: PublicResponse): void {
  expect(answer.status).toBe(200);
  expect(answer.body).toBe('{"active":false}');
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
}

const isActive = ({ json }: PublicResponse): boolean =>
  (json as { readonly active: boolean }).active;

describe('introspection is refused', () => {
  it.each<[what: string, parameters: () => Parameters, headers: () => ReturnType<typeof basic>]>([
    ['to nobody', () => ({}), () => []],
    ['to a client that only says who it is', () => ({ client_id: app.id }), () => []],
    ['to a public client', () => ({ client_id: spa.id }), () => []],
    ['to an unknown client', () => ({}), () => basic('client-of-nobody', 'a')],
    ['with another secret', () => ({}), () => basic(app.id, 'wrong')],
    ['with the secret of another', () => ({}), () => basic(app.id, other.secret)],
    ['by a method it is not registered for', () => secretOf(app), () => []],
  ])('%s', async (_, parameters, headers) => {
    const { tokens } = await give();
    const { access_token: token } = tokens;
    const answer = await introspect(client, { token, ...parameters() }, headers());
    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
    expect(Object.keys(answer.json as object).sort()).toEqual(['error', 'error_description']);
    expect(answer.headers['cache-control']).toBe('no-store');
    if (headers().length > 0) {
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="/);
    }
    expect(isActive(await introspectAs(client, app, token))).toBe(true);
  });

  const secretOf = ({ id, secret }: RegisteredClient) => ({ client_id: id, client_secret: secret });

  it('to a public client, whether or not the token is its own', async () => {
    const visitor = new Visitor(client, await signUp(client));
    const code = await visitor.codeFor(authorizationRequest(spa.id));
    const { json } = await post(client, 'token', exchangeOf(spa.id, code));
    const { access_token: jwt, refresh_token: opaque } = json as Tokens;
    const answers = await Promise.all(
      [jwt, opaque, 'a'.repeat(43)].map((token) =>
        introspect(client, { client_id: spa.id, token }),
      ),
    );
    for (const { status, body } of answers) expect({ status, body }).toEqual(told(answers[0]));
    expect(answers[0]?.status).toBe(401);
    expect(isActive(await introspectAs(client, api, jwt))).toBe(true);
  });
  const told = (answer?: PublicResponse) => ({ status: answer?.status, body: answer?.body });

  it.each<[what: string, parameters: Parameters]>([
    ['without a token', {}],
    ['with an empty token', { token: '' }],
    ['with two tokens', { token: ['a', 'b'] }],
    ['with two hints', { token: 'a', token_type_hint: ['access_token', 'refresh_token'] }],
  ])('%s', async (_, parameters) => {
    const answer = await introspect(client, parameters, basic(app.id, app.secret));
    expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
  });

  it('with a token in the URL', async () => {
    const { tokens } = await give();
    const path = `/oauth2/introspect?token=${tokens.access_token}`;
    const answer = await client.send({ method: 'POST', path, headers: basic(app.id, app.secret) });
    expect(answer).toMatchObject({ status: 400, problem: { code: 'credential_in_url' } });
  });
});

describe('of a token no more is told than that it is inactive', () => {
  const forged = (claims: Readonly<Record<string, unknown>>) =>
    new TokenMint({ issuer }).accessToken({ payload: claims });
  const payloadOf = ({ tokens }: Given) => partsOf(tokens.access_token).payload;

  it.each<[what: string, token: (given: Given) => Promise<string> | string]>([
    ['nobody issued', () => 'a'.repeat(43)],
    ['that is no token', () => 'not a token'],
    ['that looks like a JWT', () => 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.AAAA'],
    ['without a signature', ({ tokens }) => `${tokens.access_token.split('.', 2).join('.')}.`],
    ['that another key signed', (given) => forged({ ...payloadOf(given), iss: issuer })],
    ['as long as a form may be', () => 'a'.repeat(8_000)],
    ['that is an ID token', ({ tokens }) => tokens.id_token],
    ['of the first-party client', ({ customer }) => customer.accessToken],
    ['that is a refresh cookie', ({ customer }) => refreshTokenOf(customer)],
    [
      'that was used',
      async ({ tokens }) => {
        await refresh(app, tokens.refresh_token);
        return tokens.refresh_token;
      },
    ],
    ['that is an API key', ({ customer }) => newApiKey(customer)],
  ])('%s', async (_, token) => {
    const given = await give();
    const presented = await token(given);
    for (const asker of [app, api]) {
      for (const hint of [undefined, 'access_token', 'refresh_token', 'nonsense']) {
        expectInactive(await introspectAs(client, asker, presented, hint));
      }
    }
    expect(isActive(await introspectAs(client, app, given.tokens.access_token))).toBe(true);
  });

  async function newApiKey({ accessToken }: Customer): Promise<string> {
    const json = { name: 'a key', scopes: ['orders:read'] };
    const answer = await client.send({ method: 'POST', path: '/api-keys', accessToken, json });
    expect(answer.status).toBe(201);
    const { key, presentedKey } = answer.json as Readonly<Record<string, string>>;
    return key ?? presentedKey ?? '';
  }

  it('that is none of the client’s', async () => {
    const { tokens } = await give();
    const { tokens: opaque } = await give(app, 'openid');
    for (const token of [tokens.access_token, tokens.refresh_token, opaque.access_token]) {
      expectInactive(await introspectAs(client, other, token));
      expect(isActive(await introspectAs(client, app, token))).toBe(true);
    }
  });

  it('that opens nothing at a server, to that server', async () => {
    const { tokens } = await give(app, 'openid');
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      expectInactive(await introspectAs(client, api, token));
    }
  });

  it.each<[what: string, end: (given: Given) => Promise<unknown>, left: readonly string[]]>([
    [
      'once the token is revoked, itself alone',
      ({ tokens }) => revoke(client, tokens.access_token),
      ['refresh_token'],
    ],
    ['once the grant is', ({ tokens }) => revoke(client, tokens.refresh_token), []],
    [
      'once the account is locked',
      ({ customer: { email } }) => operate('/admin/accounts/lock', { account: email }),
      [],
    ],
    ['once everything is signed out', ({ customer }) => as(customer, '/auth/logout-all'), []],
    [
      'once the session is ended from the list',
      ({ customer: { accessToken }, tokens }) =>
        client.send({
          method: 'DELETE',
          path: `/auth/sessions/${String(partsOf(tokens.access_token).payload['sid'])}`,
          accessToken,
        }),
      [],
    ],
    [
      'once a refresh token is replayed',
      async ({ tokens }) => {
        await refresh(app, tokens.refresh_token);
        await refresh(app, tokens.refresh_token);
      },
      [],
    ],
    [
      'once its end has come',
      ({ tokens }) =>
        askAuthDatabase(
          sharedCluster(),
          `UPDATE sessions SET expires_at = now() WHERE id = $1::uuid`,
          [partsOf(tokens.access_token).payload['sid']],
        ),
      [],
    ],
  ])('%s, at once', async (_, end, left) => {
    const [given, bystander] = [await give(), await give()];
    for (const token of [given.tokens.access_token, given.tokens.refresh_token]) {
      expect(isActive(await introspectAs(client, app, token))).toBe(true);
    }
    await end(given);
    expectInactive(await introspectAs(client, app, given.tokens.access_token));
    expectInactive(await introspectAs(client, api, given.tokens.access_token));
    const refreshToken = await introspectAs(client, app, given.tokens.refresh_token);
    expect(isActive(refreshToken)).toBe(left.includes('refresh_token'));
    expect(isActive(await introspectAs(client, api, bystander.tokens.access_token))).toBe(true);
  });

  it('once its client is disabled, which is told nothing itself', async () => {
    const owner = await registerClient({ token_endpoint_auth_method: 'client_secret_basic' });
    const { tokens } = await give(owner);
    expect(isActive(await introspectAs(client, api, tokens.access_token))).toBe(true);
    await operate(`/admin/oauth-clients/${owner.id}/disable`);
    expectInactive(await introspectAs(client, api, tokens.access_token));
    expect((await introspectAs(client, owner, tokens.access_token)).status).toBe(401);
  });

  const operate = (path: string, json?: unknown) => as(operator, path, json);
  const as = async ({ accessToken }: Pick<Customer, 'accessToken'>, path: string, json?: unknown) =>
    expect(
      (
        await client.send({
          method: 'POST',
          path,
          accessToken,
          ...(json !== undefined && { json }),
        })
      ).status,
    ).toBeLessThan(300);
});

describe('a refresh token that was used', () => {
  it('can be introspected without the grant ending', async () => {
    const { tokens } = await give();
    const { json } = await refresh(app, tokens.refresh_token);
    const { refresh_token: next } = json as Tokens;
    for (const hint of [undefined, 'access_token', 'refresh_token']) {
      expectInactive(await introspectAs(client, app, tokens.refresh_token, hint));
    }
    expect(isActive(await introspectAs(client, app, next))).toBe(true);
    expect((await refresh(app, next)).status).toBe(200);
  });
});

describe('introspection tells', () => {
  it('a client of its access token, by openid-client', async () => {
    const { customer, tokens } = await give();
    const config = await discoverAs(app.id, app.secret);
    const told = await openid.tokenIntrospection(config, tokens.access_token);
    const { payload } = partsOf(tokens.access_token);
    const { iat, exp, jti, sid, acr, amr, auth_time: authTime } = payload;
    expect(told).toEqual({
      active: true,
      ...{ iss: issuer, aud: 'https://api.sallyport.internal', client_id: app.id },
      ...{ sub: customer.userId, scope: 'orders:read', token_type: 'Bearer' },
      ...{ iat, exp, jti, sid, acr, amr, auth_time: authTime },
    });
  });

  it('a server of everybody’s, by oauth4webapi', async () => {
    const { customer, tokens } = await give();
    const options = { [oauth.customFetch]: publicFetch() as never };
    const url = new URL(issuer);
    const server = await oauth.processDiscoveryResponse(
      url,
      await oauth.discoveryRequest(url, options),
    );
    const itself = { client_id: api.id };
    const answer = await oauth.introspectionRequest(
      server,
      itself,
      oauth.ClientSecretBasic(api.secret ?? ''),
      tokens.access_token,
      options,
    );
    const told = await oauth.processIntrospectionResponse(server, itself, answer);
    expect(told).toMatchObject({ active: true, sub: customer.userId, client_id: app.id });
  });

  it('a client of its opaque tokens, whatever the hint', async () => {
    const { customer, tokens } = await give(app, 'openid');
    for (const hint of [undefined, 'access_token', 'refresh_token', 'nonsense']) {
      const access = await introspectAs(client, app, tokens.access_token, hint);
      expect(access.json).toMatchObject({
        ...{ active: true, iss: issuer, client_id: app.id, sub: customer.userId },
        ...{ scope: 'openid', token_type: 'Bearer', exp: expect.any(Number) },
      });
      const lasting = await introspectAs(client, app, tokens.refresh_token, hint);
      expect(lasting.json).toMatchObject({ active: true, client_id: app.id });
      expect(lasting.json).not.toHaveProperty('token_type');
      expect(lasting.headers['cache-control']).toBe('no-store');
    }
  });

  it('a machine of its own, which authenticates by its key', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const robot = await registerClient({
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      scope: 'orders:read',
      jwks: { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: '1' }] },
    });
    const key = await crypto.subtle.importKey(
      'pkcs8',
      pair.privateKey.export({ format: 'der', type: 'pkcs8' }),
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign'],
    );
    const config = await discoverAs(robot.id, openid.PrivateKeyJwt({ key, kid: '1' }));
    const { access_token: token } = await openid.clientCredentialsGrant(config, {
      scope: 'orders:read',
    });
    const told = await openid.tokenIntrospection(config, token);
    expect(told).toMatchObject({ active: true, sub: robot.id, client_id: robot.id });
    expect(told).not.toHaveProperty('sid');
  });

  it('a client that authenticates in the body', async () => {
    const poster = await registerClient({
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      scope: 'orders:read',
    });
    const itself = { client_id: poster.id, client_secret: poster.secret };
    const asked = { grant_type: 'client_credentials', scope: 'orders:read', ...itself };
    const { json } = await post(client, 'token', asked);
    const { access_token: token } = json as Tokens;
    expect(isActive(await introspect(client, { ...itself, token }))).toBe(true);
  });
});

describe('the permission to introspect', () => {
  const register = (changes: object) =>
    client.send({
      method: 'POST',
      path: '/admin/oauth-clients',
      accessToken: operator.accessToken,
      json: {
        ...{ id: `api-${randomUUID()}`, name: 'An API', type: 'machine' },
        scope: 'tokens:introspect',
        ...changes,
      },
    });

  it('is for machines alone', async () => {
    const redirectUris = ['https://app.example/callback'];
    const answer = await register({ type: 'web', scope: 'openid tokens:introspect', redirectUris });
    expect(answer).toMatchObject({ status: 400, json: { code: 'oauth_client_metadata_invalid' } });
    expect((await register({})).status).toBe(201);
  });

  it('is no scope of any token, and with nothing else opens nothing', async () => {
    for (const scope of ['tokens:introspect', 'orders:read', 'openid', undefined]) {
      const asked = { grant_type: 'client_credentials', scope };
      const answer = await post(client, 'token', asked, basic(api.id, api.secret));
      expect(answer).toMatchObject({ status: 400, json: { error: 'unauthorized_client' } });
    }
    const { json } = await client.send({ path: '/.well-known/openid-configuration' });
    expect(JSON.stringify(json)).not.toContain('tokens:introspect');
    const { json: created } = await register({ scope: 'orders:read tokens:introspect' });
    const { client: both, secret } = created as {
      readonly client: { readonly id: string };
      readonly secret: string;
    };
    const asked = { grant_type: 'client_credentials', scope: 'orders:read tokens:introspect' };
    const answer = await post(client, 'token', asked, basic(both.id, secret));
    expect(partsOf((answer.json as Tokens).access_token).payload).toMatchObject({
      scope: 'orders:read',
    });
    const { tokens } = await give();
    const asking = { ...both, name: '', secret };
    expect(isActive(await introspectAs(client, asking, tokens.access_token))).toBe(true);
  });
});
