import { generateKeyPairSync } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import { sharedCluster } from '../src/cluster-facts';
import { partsOf } from '../src/compact-jws';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import { authorizationRequest, exchangeOf, post, Visitor } from '../src/oauth-requests';
import type { Parameters, Tokens } from '../src/oauth-requests';
import { PublicClient } from '../src/public-client';
import { publicFetch } from '../src/public-fetch';

needs(...EVIDENCE, 'databases', 'partners');

const client = new PublicClient();
const { gatewayUrl: issuer, partnersUrl } = sharedCluster();
const options = { [oauth.customFetch]: publicFetch() as never };

describe('discovery', () => {
  const WELL_KNOWN = ['openid-configuration', 'oauth-authorization-server'];

  it.each(WELL_KNOWN)('offers in %s what there is and nothing else', async (name) => {
    const answer = await client.send({ path: `/.well-known/${name}` });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.json).toEqual({
      issuer,
      authorization_endpoint: `${issuer}/oauth2/authorize`,
      token_endpoint: `${issuer}/oauth2/token`,
      pushed_authorization_request_endpoint: `${issuer}/oauth2/par`,
      userinfo_endpoint: `${issuer}/oauth2/userinfo`,
      dpop_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
      introspection_endpoint: `${issuer}/oauth2/introspect`,
      introspection_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
        'tls_client_auth',
      ],
      introspection_endpoint_auth_signing_alg_values_supported: [
        'PS256',
        'ES256',
        'EdDSA',
        'Ed25519',
      ],
      end_session_endpoint: `${issuer}/oauth2/logout`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      acr_values_supported: ['urn:sallyport:acr:password', 'urn:sallyport:acr:mfa'],
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      claim_types_supported: ['normal'],
      claims_parameter_supported: false,
      claims_supported: ['sub', 'email', 'email_verified', 'acr', 'sid', 'auth_time', 'iss', 'amr'],
      code_challenge_methods_supported: ['S256'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      id_token_signing_alg_values_supported: ['RS256'],
      request_uri_parameter_supported: false,
      revocation_endpoint: `${issuer}/oauth2/revoke`,
      revocation_endpoint_auth_methods_supported: ['none'],
      response_modes_supported: ['query'],
      response_types_supported: ['code'],
      scopes_supported: [
        'openid',
        'email',
        'offline_access',
        'orders:read',
        'orders:write',
        'billing:read',
        'billing:refund',
      ],
      subject_types_supported: ['public'],
      token_endpoint_auth_methods_supported: [
        'none',
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
        'tls_client_auth',
      ],
      tls_client_certificate_bound_access_tokens: true,
      mtls_endpoint_aliases: {
        token_endpoint: `${partnersUrl}/oauth2/token`,
        pushed_authorization_request_endpoint: `${partnersUrl}/oauth2/par`,
        userinfo_endpoint: `${partnersUrl}/oauth2/userinfo`,
        introspection_endpoint: `${partnersUrl}/oauth2/introspect`,
        revocation_endpoint: `${partnersUrl}/oauth2/revoke`,
      },
      token_endpoint_auth_signing_alg_values_supported: ['PS256', 'ES256', 'EdDSA', 'Ed25519'],
    });
  });

  it('is taken by an independent client, with the keys of the gateway', async () => {
    const url = new URL(issuer);
    const server = await oauth.processDiscoveryResponse(
      url,
      await oauth.discoveryRequest(url, options),
    );
    const { json } = await client.send({ path: new URL(server.jwks_uri ?? '').pathname });
    const { keys } = json as { readonly keys: readonly Readonly<Record<string, unknown>>[] };
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(key).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig' });
      expect(key).not.toHaveProperty('d');
    }
  });

  it.each([
    ['POST', '/oauth2/register'],
    ['POST', '/oauth2/device_authorization'],
  ])('%s %s is nothing', async (method, path) => {
    expect((await client.send({ method, path })).status).toBe(404);
  });
});

describe('userinfo', () => {
  let app: RegisteredClient;
  let customer: Customer;
  let visitor: Visitor;
  beforeAll(async () => {
    [app, customer] = await Promise.all([registerClient(), signUp(client)]);
    visitor = new Visitor(client, customer);
  });

  const tokensFor = async (changes: Parameters): Promise<Tokens> => {
    const code = await visitor.codeFor(authorizationRequest(app.id, changes));
    return (await post(client, 'token', exchangeOf(app.id, code))).json as Tokens;
  };
  const ask = (accessToken?: string, method = 'GET') =>
    client.send({ method, path: '/oauth2/userinfo', accessToken });

  it('challenges who presents nothing, without an error code', async () => {
    const answer = await ask();
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer realm="${issuer}", DPoP realm="${issuer}", algs="ES256 PS256 EdDSA Ed25519"`,
    );
  });

  it.each<[what: string, token: () => Promise<string>]>([
    ['another token', () => Promise.resolve('a'.repeat(43))],
    ['an access token of the API', async () => (await tokensFor({})).access_token],
    ['an ID token', async () => (await tokensFor({ scope: 'openid' })).id_token],
    ['a token of the first-party client', () => Promise.resolve(customer.accessToken)],
  ])('refuses %s', async (_, token) => {
    const answer = await ask(await token());
    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_token' } });
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    const { access_token: right } = await tokensFor({ scope: 'openid' });
    expect((await ask(right)).status).toBe(200);
  });

  it('refuses a token in the URL', async () => {
    const { access_token: right } = await tokensFor({ scope: 'openid' });
    const path = `/oauth2/userinfo?access_token=${right}`;
    expect((await client.send({ path })).problem?.code).toBe('credential_in_url');
    expect((await ask(right)).status).toBe(200);
  });

  it('tells what was allowed, by GET and POST', async () => {
    const { access_token: little } = await tokensFor({ scope: 'openid' });
    expect((await ask(little)).json).toEqual({ sub: customer.userId });
    const { access_token: more } = await tokensFor({ scope: 'openid email' });
    for (const method of ['GET', 'POST']) {
      const answer = await ask(more, method);
      expect(answer.json).toEqual({
        sub: customer.userId,
        email: customer.email,
        email_verified: false,
      });
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  it('opens nothing at the API', async () => {
    const { access_token: opaque } = await tokensFor({ scope: 'openid' });
    expect((await client.send({ path: '/orders', accessToken: opaque })).status).toBe(401);
  });
});

describe('an ID token', () => {
  it('carries the nonce, when and how somebody authenticated, and is for the client alone', async () => {
    const [app, customer] = await Promise.all([registerClient(), signUp(client)]);
    const visitor = new Visitor(client, customer);
    const code = await visitor.codeFor(
      authorizationRequest(app.id, { nonce: 'a nonce', max_age: '600' }),
    );
    const { json } = await post(client, 'token', exchangeOf(app.id, code));
    const { header, payload } = partsOf((json as Tokens).id_token);
    expect(header).toMatchObject({ alg: 'RS256', kid: expect.any(String) });
    expect(payload).toMatchObject({
      iss: issuer,
      sub: customer.userId,
      aud: app.id,
      nonce: 'a nonce',
      auth_time: expect.any(Number),
    });
    expect(payload).not.toHaveProperty('email');
  });
});

describe('a machine, by oauth4webapi', () => {
  it('gets a token of its own by its key, with which the gateway takes it for a client', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const robot = await registerClient({
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      scope: 'orders:read',
      jwks: { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: '1' }] },
    });
    const url = new URL(issuer);
    const server = await oauth.processDiscoveryResponse(
      url,
      await oauth.discoveryRequest(url, options),
    );
    const key = await crypto.subtle.importKey(
      'pkcs8',
      pair.privateKey.export({ format: 'der', type: 'pkcs8' }),
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign'],
    );
    const itself = { client_id: robot.id };
    const granted = await oauth.clientCredentialsGrantRequest(
      server,
      itself,
      oauth.PrivateKeyJwt({ key, kid: '1' }),
      { scope: 'orders:read' },
      options,
    );
    const { access_token: accessToken } = await oauth.processClientCredentialsResponse(
      server,
      itself,
      granted,
    );
    expect(partsOf(accessToken).payload).toMatchObject({ sub: robot.id, client_id: robot.id });
    const { status, correlationId } = await client.send({ path: '/orders', accessToken });
    expect(status).toBe(200);
    const { handledCalls } = await new Evidence().of({ correlationId });
    expect(handledCalls.map(({ principal }) => principal)).toContain(robot.id);
  });
});
