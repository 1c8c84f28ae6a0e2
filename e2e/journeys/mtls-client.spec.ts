import { randomUUID } from 'node:crypto';
import { FakePartnerCa } from '@sallyport/testing';
import type { FakePartnerCertificate } from '@sallyport/testing';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { sharedCluster } from '../src/cluster-facts';
import { partsOf } from '../src/compact-jws';
import { signUp } from '../src/customers';
import { eventually } from '../src/eventually';
import { needs } from '../src/needs';
import { Visitor } from '../src/oauth-requests';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import { publicFetch } from '../src/public-fetch';
import { rememberSecretsOf } from '../src/secrets-in-use';

needs('certificates', 'databases', 'partners');

const REDIRECT_URI = 'https://app.example/callback';

/** What a client knows that has a certificate: the issuer, and from there on where certificates are presented. */
function discover(clientId: string, certificate: FakePartnerCertificate) {
  return openid.discovery(
    new URL(sharedCluster().gatewayUrl),
    clientId,
    { use_mtls_endpoint_aliases: true },
    openid.TlsClientAuth(),
    { [openid.customFetch]: publicFetch(certificate) as openid.CustomFetch },
  );
}

/** Pushes a request, has it answered, and exchanges the code. */
async function signIn(
  config: openid.Configuration,
  visitor: Visitor,
  scope: string,
): Promise<openid.TokenEndpointResponse> {
  const verifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const start = await openid.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: REDIRECT_URI,
    scope,
    state,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const { url } = await visitor.visit(start.href);
  const tokens = await openid.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: verifier,
    expectedState: state,
  });
  rememberSecretsOf(tokens);
  return tokens;
}

describe('a client that authenticates by its certificate', () => {
  const client = new PublicClient();
  const { partnersUrl } = sharedCluster();
  const ordersUrl = new URL('/orders', partnersUrl);
  let ca: FakePartnerCa;
  let id: string;
  let dnsName: string;
  let certificate: FakePartnerCertificate;

  beforeAll(async () => {
    ca = await FakePartnerCa.fromDevCa(sharedCluster().certsFolder);
  });
  beforeEach(async () => {
    id = `client-${randomUUID()}`;
    dnsName = `${id}.example`;
    certificate = await ca.issue(dnsName);
  });

  const register = async (wanted: object): Promise<void> => {
    const { accessToken } = await newOperator(client);
    const answer = await client.send({
      method: 'POST',
      path: '/admin/oauth-clients',
      accessToken,
      json: { id, name: 'A client with a certificate', ...wanted },
    });
    expect(answer).toMatchObject({
      status: 201,
      json: { secret: null, client: { certificateBoundTokens: true } },
    });
  };

  it('acts for itself with a token that is bound to it', async () => {
    await register({ type: 'machine', scope: 'orders:read', certificateName: `dns:${dnsName}` });
    const config = await discover(id, certificate);
    const tokens = await openid.clientCredentialsGrant(config, { scope: 'orders:read' });
    rememberSecretsOf(tokens);
    expect(partsOf(tokens.access_token).payload).toMatchObject({
      sub: id,
      client_id: id,
      scope: 'orders:read',
      cnf: { 'x5t#S256': certificate.thumbprint },
    });
    const orders = await openid.fetchProtectedResource(
      config,
      tokens.access_token,
      ordersUrl,
      'GET',
    );
    expect(orders.status).toBe(200);
    // Any certificate with its name will do for the next token: a renewal needs nobody.
    const renewed = await discover(id, await ca.issue(dnsName));
    const next = await openid.clientCredentialsGrant(renewed, { scope: 'orders:read' });
    rememberSecretsOf(next);
    expect(next.access_token).not.toBe(tokens.access_token);
  });

  it('signs somebody in, calls, refreshes, asks who it is, and revokes', async () => {
    const customer = await signUp(client);
    await register({
      type: 'web',
      scope: 'openid email orders:read',
      redirectUris: [REDIRECT_URI],
      certificateName: `dns:${dnsName}`,
    });
    const config = await discover(id, certificate);
    const visitor = new Visitor(client, customer);
    const tokens = await signIn(config, visitor, 'openid email orders:read');
    expect(partsOf(tokens.access_token).payload).toMatchObject({
      sub: customer.userId,
      client_id: id,
      cnf: { 'x5t#S256': certificate.thumbprint },
    });

    // A challenge is thrown, and has the status of its answer.
    const call = async (token: string): Promise<number> => {
      try {
        return (await openid.fetchProtectedResource(config, token, ordersUrl, 'GET')).status;
      } catch (error) {
        return (error as { readonly status: number }).status;
      }
    };
    expect(await call(tokens.access_token)).toBe(200);
    const elsewhere = await client.send({ path: '/orders', accessToken: tokens.access_token });
    expect(elsewhere).toMatchObject({ status: 401, problem: { code: 'invalid_token' } });

    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '');
    rememberSecretsOf(refreshed);
    expect(await call(refreshed.access_token)).toBe(200);

    const who = await signIn(config, visitor, 'openid email');
    const claims = await openid.fetchUserInfo(config, who.access_token, customer.userId);
    expect(claims).toMatchObject({ sub: customer.userId, email: customer.email });

    await openid.tokenRevocation(config, refreshed.refresh_token ?? '');
    const after = await eventually(
      () => call(refreshed.access_token),
      (status) => status !== 200,
    );
    expect(after).toBe(401);
  });

  it('is served another client library alike', async () => {
    const name = `dn:CN=${dnsName}`;
    await register({ type: 'machine', scope: 'orders:read', certificateName: name });
    const ofSubject = await ca.issue('other.example', { subject: `CN=${dnsName}` });
    const options = {
      [oauth.customFetch]: publicFetch(ofSubject) as never,
    };
    const issuer = new URL(sharedCluster().gatewayUrl);
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' }),
    );
    expect(as).toMatchObject({
      tls_client_certificate_bound_access_tokens: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining(['tls_client_auth']),
      mtls_endpoint_aliases: { token_endpoint: `${partnersUrl}/oauth2/token` },
    });
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      { client_id: id, use_mtls_endpoint_aliases: true },
      oauth.TlsClientAuth(),
      new URLSearchParams({ scope: 'orders:read' }),
      options,
    );
    const tokens = await oauth.processClientCredentialsResponse(as, { client_id: id }, response);
    rememberSecretsOf(tokens);
    expect(partsOf(tokens.access_token).payload).toMatchObject({
      cnf: { 'x5t#S256': ofSubject.thumbprint },
    });
  });
});
