import * as openid from 'openid-client';
import { Browser } from './browser';
import { sharedCluster } from './cluster-facts';
import type { Customer } from './customers';
import type { PublicClient } from './public-client';
import { publicFetch } from './public-fetch';

/** What openid-client knows of the authorization server, as the client of an id. */
export function discoverAs(
  clientId: string,
  credential: string | openid.ClientAuth = openid.None(),
): Promise<openid.Configuration> {
  const secret = typeof credential === 'string' ? credential : undefined;
  const authentication =
    typeof credential === 'string' ? openid.ClientSecretBasic(credential) : credential;
  const issuer = new URL(sharedCluster().gatewayUrl);
  return openid.discovery(issuer, clientId, secret, authentication, {
    [openid.customFetch]: publicFetch() as openid.CustomFetch,
  });
}

export interface SignIn {
  readonly redirectUri: string;
  readonly scope: string;
}

/** Signs a customer in, who allows what a client asks for; a client that can authenticate pushes its request. */
export async function signInThrough(
  client: PublicClient,
  config: openid.Configuration,
  { email, password }: Customer,
  { redirectUri, scope }: SignIn,
): Promise<openid.TokenEndpointResponse> {
  const verifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const parameters = {
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  const start =
    config.clientMetadata().client_secret === undefined
      ? openid.buildAuthorizationUrl(config, parameters)
      : await openid.buildAuthorizationUrlWithPAR(config, parameters);
  const browser = new Browser(client);
  const signIn = await browser.open(start.href);
  const consent = await browser.submit(signIn, '/login', { email, password });
  const back = await browser.submit(consent, '/consent');
  return openid.authorizationCodeGrant(config, back.url, {
    pkceCodeVerifier: verifier,
    expectedState: state,
  });
}
