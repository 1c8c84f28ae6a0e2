import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as openid from 'openid-client';
import { tls } from '../tls.mjs';

const ISSUER = new URL(process.env.SALLYPORT_ISSUER ?? 'https://localhost:8443');
const PORT = Number(process.env.PORT ?? 8448);
const ORIGIN = 'https://localhost:8448';
const SCOPE = 'openid email orders:read';
const COOKIE = '__Host-sample-web';

/** Where `npm start` has put the secret it made; elsewhere it would come from a secret store. */
const home =
  process.env.SALLYPORT_HOME ?? fileURLToPath(new URL('../../.sallyport', import.meta.url));
const clients = JSON.parse(readFileSync(join(home, 'seed-clients.json'), 'utf8'));
const { id, secret } = clients.find((each) => each.id === 'sample-web');
const config = await openid.discovery(ISSUER, id, undefined, openid.ClientSecretBasic(secret));

/** By the value of the cookie. One process, so a map will do; tokens never reach the browser. */
const sessions = new Map();

/** Pushes the request (RFC 9126), so that nothing of it but a reference passes through the browser. */
async function signIn(_request, response) {
  const pending = {
    pkceCodeVerifier: openid.randomPKCECodeVerifier(),
    expectedState: openid.randomState(),
    expectedNonce: openid.randomNonce(),
  };
  const url = await openid.buildAuthorizationUrlWithPAR(config, {
    ...{ redirect_uri: `${ORIGIN}/callback`, scope: SCOPE },
    ...{ state: pending.expectedState, nonce: pending.expectedNonce },
    code_challenge: await openid.calculatePKCECodeChallenge(pending.pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  redirect(response, url, open({ pending }));
}

/** Exchanges the code, and gives the browser another cookie than the one it came with. */
async function callback(request, response) {
  const { pending } = take(request) ?? {};
  if (pending === undefined) return redirect(response, '/');
  const tokens = await openid.authorizationCodeGrant(config, new URL(request.url, ORIGIN), pending);
  redirect(response, '/', open({ tokens, claims: tokens.claims() }));
}

async function showHome(request, response) {
  const { tokens, claims } = sessions.get(cookieOf(request)) ?? {};
  if (tokens === undefined) return show(response, 200, 'Not signed in.', SIGN_IN);
  const orders = await openid.fetchProtectedResource(
    ...[config, tokens.access_token, new URL('/orders', ISSUER), 'GET'],
  );
  const lines = [`Signed in as ${claims.sub}.`, await orders.text()].map(escaped);
  show(response, 200, ...lines, '<a href="/sign-out">Sign out</a>');
}

/** Ends the session here and the browser's sign-in there (OpenID Connect RP-Initiated Logout 1.0). */
async function signOut(request, response) {
  take(request);
  // No `id_token_hint`: a token has no place in a URL. People are asked whether they mean it.
  redirect(response, openid.buildEndSessionUrl(config, { post_logout_redirect_uri: `${ORIGIN}/` }));
}

const cookieOf = ({ headers }) => new RegExp(`${COOKIE}=([\\w-]+)`).exec(headers.cookie ?? '')?.[1];

function open(session) {
  const key = randomBytes(32).toString('base64url');
  sessions.set(key, session);
  return `${COOKIE}=${key}; Secure; HttpOnly; SameSite=Lax; Path=/`;
}

function take(request) {
  const session = sessions.get(cookieOf(request));
  sessions.delete(cookieOf(request));
  return session;
}

function show(response, status, ...paragraphs) {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
  });
  const title = '<!doctype html><html lang="en"><title>Sample web application</title>';
  response.end(`${title}<h1>Sample web application</h1><p>${paragraphs.join('</p><p>')}</p>`);
}

const SIGN_IN = '<a href="/sign-in">Sign in</a>';
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function redirect(response, location, cookie) {
  response.writeHead(303, { location: String(location), ...(cookie && { 'set-cookie': cookie }) });
  response.end();
}

const ROUTES = { '/': showHome, '/sign-in': signIn, '/callback': callback, '/sign-out': signOut };

createServer(tls, (request, response) => {
  const handle = ROUTES[new URL(request.url, ORIGIN).pathname];
  if (handle === undefined || request.method !== 'GET') return response.writeHead(404).end();
  handle(request, response).catch((error) => {
    const code = error.error ?? error.cause?.[0]?.parameters?.error ?? error.code;
    console.error(code ?? error.message);
    // Not allowed, or the token is over: its time, or what somebody had allowed. Signing in anew is what is left.
    take(request);
    show(response, 502, `Refused: ${escaped(String(code))}`, SIGN_IN);
  });
}).listen(PORT, '127.0.0.1', function started() {
  console.log(`https://localhost:${this.address().port}/`);
});
