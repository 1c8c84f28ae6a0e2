import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { Browser } from '../src/browser';
import { sharedCluster } from '../src/cluster-facts';
import { partsOf } from '../src/compact-jws';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import { REDIRECT_URI } from '../src/oauth-requests';
import { discoverAs } from '../src/oauth-sign-in';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import { publicFetch } from '../src/public-fetch';
import { rememberSecret } from '../src/secrets-in-use';

needs(...EVIDENCE, 'databases');

const client = new PublicClient();
const { gatewayUrl: issuer } = sharedCluster();
const orders = new URL('/orders', issuer);

const MACHINE = {
  grant_types: ['client_credentials'],
  redirect_uris: [],
  post_logout_redirect_uris: [],
  token_endpoint_auth_method: 'client_secret_basic',
  scope: 'orders:read',
};

describe.each(['ES256', 'PS256', 'Ed25519'])(
  'an app with a key of its own (%s), by openid-client',
  (alg) => {
    let customer: Customer;
    let config: openid.Configuration;
    let DPoP: openid.DPoPHandle;
    let other: openid.DPoPHandle;

    beforeAll(async () => {
      customer = await signUp(client);
      const app = await registerClient({ dpop_bound_access_tokens: true });
      config = await discoverAs(app.id);
      DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair(alg));
      other = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair(alg));
    });

    const use = (accessToken: string, handle = DPoP) =>
      openid.fetchProtectedResource(config, accessToken, orders, 'GET', null, undefined, {
        DPoP: handle,
      });

    it('gets tokens for its key, which work with it alone', async () => {
      const verifier = openid.randomPKCECodeVerifier();
      const thumbprint = await DPoP.calculateThumbprint();
      const start = openid.buildAuthorizationUrl(config, {
        redirect_uri: REDIRECT_URI,
        scope: 'openid orders:read',
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        dpop_jkt: thumbprint,
      });
      const browser = new Browser(client);
      const { email, password } = customer;
      const signIn = await browser.open(start.href);
      const consent = await browser.submit(signIn, '/login', { email, password });
      const back = await browser.submit(consent, '/consent');
      const tokens = await openid.authorizationCodeGrant(
        config,
        back.url,
        { pkceCodeVerifier: verifier, idTokenExpected: true },
        undefined,
        { DPoP },
      );
      expect(tokens.token_type).toBe('dpop');
      expect(partsOf(tokens.access_token).payload).toMatchObject({
        ...{ sub: customer.userId, cnf: { jkt: thumbprint } },
      });
      expect((await use(tokens.access_token)).status).toBe(200);
      await expect(use(tokens.access_token, other)).rejects.toMatchObject({ status: 401 });

      const refreshToken = tokens.refresh_token ?? '';
      await expect(
        openid.refreshTokenGrant(config, refreshToken, undefined, { DPoP: other }),
      ).rejects.toMatchObject({ error: 'invalid_grant' });
      const refreshed = await openid.refreshTokenGrant(config, refreshToken, undefined, { DPoP });
      expect(partsOf(refreshed.access_token).payload).toMatchObject({ cnf: { jkt: thumbprint } });
      expect((await use(refreshed.access_token)).status).toBe(200);
    });
  },
);

describe('a server-side app that proves a key with its pushed request, by openid-client', () => {
  it('binds the code to that key, and asks userinfo with it', async () => {
    const customer = await signUp(client);
    const app = await registerClient({ token_endpoint_auth_method: 'client_secret_basic' });
    const config = await discoverAs(app.id, app.secret);
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
    const verifier = openid.randomPKCECodeVerifier();
    const start = await openid.buildAuthorizationUrlWithPAR(
      config,
      {
        redirect_uri: REDIRECT_URI,
        scope: 'openid email',
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      },
      { DPoP },
    );
    const browser = new Browser(client);
    const { email, password, userId } = customer;
    const consent = await browser.submit(await browser.open(start.href), '/login', {
      email,
      password,
    });
    const back = await browser.submit(consent, '/consent');
    const tokens = await openid.authorizationCodeGrant(
      config,
      back.url,
      { pkceCodeVerifier: verifier },
      undefined,
      { DPoP },
    );
    const userinfo = await openid.fetchUserInfo(config, tokens.access_token, userId, { DPoP });
    expect(userinfo).toMatchObject({ sub: userId, email });
  });
});

describe('a machine with a key of its own, by oauth4webapi', () => {
  const options = { [oauth.customFetch]: publicFetch() } as object;

  it('gets a token for its key, and calls the API with it', async () => {
    const machine = await registerClient({ ...MACHINE, dpop_bound_access_tokens: true });
    const url = new URL(issuer);
    const server = await oauth.processDiscoveryResponse(
      url,
      await oauth.discoveryRequest(url, options),
    );
    expect(server.dpop_signing_alg_values_supported).toEqual([
      ...['ES256', 'PS256', 'EdDSA', 'Ed25519'],
    ]);
    const itself: oauth.Client = { client_id: machine.id };
    const keys = await oauth.generateKeyPair('ES256');
    const DPoP = oauth.DPoP(itself, keys);
    const granted = await oauth.clientCredentialsGrantRequest(
      server,
      itself,
      oauth.ClientSecretBasic(machine.secret ?? ''),
      { scope: 'orders:read' },
      { ...options, DPoP },
    );
    const { access_token: accessToken, token_type: type } =
      await oauth.processClientCredentialsResponse(server, itself, granted);
    rememberSecret(accessToken);
    expect(type).toBe('dpop');
    for (let time = 0; time < 2; time += 1) {
      const { status, headers } = await oauth.protectedResourceRequest(
        accessToken,
        'GET',
        orders,
        undefined,
        undefined,
        { ...options, DPoP },
      );
      expect(status).toBe(200);
      const correlationId = headers.get('x-correlation-id') ?? '';
      const { handledCalls } = await new Evidence().of({ correlationId });
      expect(handledCalls.map(({ principal }) => principal)).toContain(machine.id);
    }
    await expect(
      oauth.protectedResourceRequest(accessToken, 'GET', orders, undefined, undefined, options),
    ).rejects.toMatchObject({
      cause: [{ scheme: 'dpop', parameters: { error: 'invalid_token' } }],
    });
  });
});

describe('an operator', () => {
  it('registers a client that gets no token without a proof', async () => {
    const { accessToken } = await newOperator(client);
    const id = `dpop-${Date.now()}`;
    const wanted = { id, name: 'A machine', type: 'machine', scope: 'orders:read' };
    const created = await client.send({
      ...{ method: 'POST', path: '/admin/oauth-clients', accessToken },
      json: { ...wanted, dpopBoundAccessTokens: true },
    });
    expect(created).toMatchObject({
      ...{ status: 201, json: { client: { id, dpopBoundAccessTokens: true } } },
    });
    const { secret } = created.json as { readonly secret: string };
    const config = await discoverAs(id, secret);
    const scope = { scope: 'orders:read' };
    await expect(openid.clientCredentialsGrant(config, scope)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
    const tokens = await openid.clientCredentialsGrant(config, scope, { DPoP });
    expect(tokens.token_type).toBe('dpop');
  });
});
