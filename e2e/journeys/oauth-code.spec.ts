import * as openid from 'openid-client';
import { Browser } from '../src/browser';
import { sharedCluster } from '../src/cluster-facts';
import { partsOf } from '../src/compact-jws';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import { PublicClient } from '../src/public-client';
import { publicFetch } from '../src/public-fetch';

needs('databases');

const client = new PublicClient();
const REDIRECT_URI = 'https://app.example/callback';

describe('a single-page app, by openid-client', () => {
  let customer: Customer;
  let config: openid.Configuration;
  let browser: Browser;

  beforeAll(async () => {
    customer = await signUp(client);
    const app = await registerClient();
    const issuer = new URL(sharedCluster().gatewayUrl);
    config = await openid.discovery(issuer, app.id, undefined, openid.None(), {
      [openid.customFetch]: publicFetch() as openid.CustomFetch,
    });
    browser = new Browser(client);
  });

  it('signs somebody in who allows it, and gets tokens that work', async () => {
    const verifier = openid.randomPKCECodeVerifier();
    const state = openid.randomState();
    const nonce = openid.randomNonce();
    const start = openid.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid email orders:read',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    const signIn = await browser.open(start.href);
    expect(signIn.response.status).toBe(200);
    const { email, password } = customer;
    const consent = await browser.submit(signIn, '/login', { email, password });
    expect(consent.response.body).toContain('See your orders');
    const back = await browser.submit(consent, '/consent');
    const tokens = await openid.authorizationCodeGrant(config, back.url, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
    });
    expect(tokens.claims()).toMatchObject({ sub: customer.userId });
    expect(partsOf(tokens.access_token)).toMatchObject({
      header: { typ: 'at+jwt', alg: 'RS256' },
      payload: { sub: customer.userId, scope: 'orders:read', sid: expect.any(String) },
    });
    const orders = await client.send({ path: '/orders', accessToken: tokens.access_token });
    expect(orders.status).toBe(200);
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(
      (await client.send({ path: '/orders', accessToken: refreshed.access_token })).status,
    ).toBe(200);
    await expect(
      openid.refreshTokenGrant(config, tokens.refresh_token ?? ''),
    ).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});
