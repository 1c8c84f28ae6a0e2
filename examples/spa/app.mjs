import * as oauth from '/oauth4webapi.mjs';

const ISSUER = new URL(document.querySelector('meta[name=issuer]').content);
const REDIRECT_URI = `${location.origin}/`;
const SCOPE = 'openid email orders:read';

const client = { client_id: 'sample-spa' };
const authentication = oauth.None();
const element = (id) => document.getElementById(id);

const server = await oauth
  .discoveryRequest(ISSUER)
  .then((response) => oauth.processDiscoveryResponse(ISSUER, response));

/** In memory alone: what is stored could be read by a script that was smuggled in, also later. */
let tokens;

/** Leaves for the authorization server; what is needed after the return is kept in this tab. */
async function signIn() {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  sessionStorage.setItem('sign-in', JSON.stringify({ verifier, state, nonce }));
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    ...{ client_id: client.client_id, redirect_uri: REDIRECT_URI, response_type: 'code' },
    ...{ scope: SCOPE, state, nonce },
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  location.assign(url);
}

/** Back from there: checks `state` and `iss` (RFC 9207), and exchanges the code, once. */
async function comeBack() {
  const { verifier, state, nonce } = JSON.parse(sessionStorage.getItem('sign-in') ?? '{}');
  sessionStorage.removeItem('sign-in');
  const callback = new URL(location.href);
  history.replaceState(undefined, '', '/');
  const answer = oauth.validateAuthResponse(server, client, callback, state);
  const response = await oauth.authorizationCodeGrantRequest(
    ...[server, client, authentication, answer, REDIRECT_URI, verifier],
  );
  const expected = { expectedNonce: nonce, requireIdToken: true };
  tokens = await oauth.processAuthorizationCodeResponse(server, client, response, expected);
  const { sub } = oauth.getValidatedIdTokenClaims(tokens);
  await show(`Signed in as ${sub}.`);
}

async function refresh() {
  const response = await oauth.refreshTokenGrantRequest(
    ...[server, client, authentication, tokens.refresh_token],
  );
  tokens = await oauth.processRefreshTokenResponse(server, client, response);
  await show('Refreshed.');
}

async function show(status) {
  const orders = new URL('/orders', ISSUER);
  const response = await oauth.protectedResourceRequest(tokens.access_token, 'GET', orders);
  element('orders').textContent = JSON.stringify(await response.json(), undefined, 2);
  element('status').textContent = status;
  element('sign-in').hidden = true;
  element('signed-in').hidden = false;
}

/** Ends the sign-in there as well (RP-Initiated Logout 1.0); the person is asked, and sent back. */
async function signOut() {
  const url = new URL(server.end_session_endpoint);
  url.search = new URLSearchParams({ ...client, post_logout_redirect_uri: REDIRECT_URI });
  location.assign(url);
}

/** The code of the answer, of the token endpoint's or of the API's challenge; signing in again is what is left. */
const reported = (work) => () =>
  work().catch((error) => {
    const code = error.error ?? error.cause?.[0]?.parameters?.error ?? error.message;
    element('status').textContent = `Refused: ${code}`;
    element('orders').textContent = '';
    element('sign-in').hidden = false;
  });
element('sign-in').addEventListener('click', reported(signIn));
element('call').addEventListener(
  'click',
  reported(() => show('Seen.')),
);
element('refresh').addEventListener('click', reported(refresh));
element('sign-out').addEventListener('click', reported(signOut));
if (/[?&](?:code|error)=/.test(location.search)) await reported(comeBack)();
