import { sharedCluster } from '../src/cluster-facts';
import { askAuthDatabase } from '../src/auth-database';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import {
  authorizationRequest,
  authorizePath,
  basic,
  post,
  REDIRECT_URI,
  Visitor,
} from '../src/oauth-requests';
import type { Parameters } from '../src/oauth-requests';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';

needs('databases');

const client = new PublicClient();
const { gatewayUrl: issuer } = sharedCluster();
const OTHER_URI = 'https://other.example/callback';
/** A JWS as a request object would be; who signed it does not matter. */
const JWS = 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.AAAA';

let app: RegisteredClient;
let other: RegisteredClient;
let server: RegisteredClient;
let customer: Customer;
beforeAll(async () => {
  [app, other, server, customer] = await Promise.all([
    registerClient({ scope: 'openid orders:read' }),
    registerClient({ redirect_uris: [OTHER_URI] }),
    registerClient({ token_endpoint_auth_method: 'client_secret_basic' }),
    signUp(client),
  ]);
});

const ask = (parameters: Parameters): Promise<PublicResponse> =>
  client.send({ path: authorizePath(parameters) });

/** Where an answer sends a browser. */
const locationOf = ({ headers }: PublicResponse): URL => new URL(headers.location ?? '', issuer);

async function expectAccepted(parameters: Parameters): Promise<void> {
  const answer = await ask(parameters);
  expect(answer.status).toBe(303);
  expect(locationOf(answer).pathname).toMatch(/^\/oauth2\/interaction\/[\w-]+$/);
}

/** RFC 6749 section 4.1.2.1: with the state as it came, and the issuer (RFC 9207 section 2). */
function expectErrorAtClient(answer: URL, error: string): void {
  expect(`${answer.origin}${answer.pathname}`).toBe(REDIRECT_URI);
  const told = new URLSearchParams(answer.search === '' ? answer.hash.slice(1) : answer.search);
  expect(Object.fromEntries(told)).toMatchObject({
    error,
    state: 'a state',
    iss: issuer,
  });
  expect(told.has('code')).toBe(false);
}

function expectErrorPage(answer: PublicResponse): void {
  expect(answer.status).toBe(400);
  expect(answer.headers.location).toBeUndefined();
  expect(answer.headers['content-type']).toMatch(/^text\/html/);
  const policy = String(answer.headers['content-security-policy']);
  expect(policy).toContain(`default-src 'none'`);
  expect(policy).toContain(`frame-ancestors 'none'`);
  expect(answer.body).not.toMatch(/<script/i);
}

describe('shown on a page and not redirected: before it is certain who asks', () => {
  it.each<[what: string, changes: Parameters]>([
    ['no client', { client_id: undefined }],
    ['an unknown client', { client_id: 'client-of-nobody' }],
    ['two clients', { client_id: ['client-1', 'client-2'] }],
    ['no redirect URI', { redirect_uri: undefined }],
    ['a trailing slash', { redirect_uri: `${REDIRECT_URI}/` }],
    ['another port', { redirect_uri: 'https://app.example:8443/callback' }],
    ['the default port written out', { redirect_uri: 'https://app.example:443/callback' }],
    ['another case of the path', { redirect_uri: 'https://app.example/Callback' }],
    ['another case of the host', { redirect_uri: 'https://APP.example/callback' }],
    ['an extra query', { redirect_uri: `${REDIRECT_URI}?a=b` }],
    ['a fragment', { redirect_uri: `${REDIRECT_URI}#a` }],
    ['an encoded path', { redirect_uri: 'https://app.example/%63allback' }],
    ['a way up', { redirect_uri: 'https://app.example/a/../callback' }],
    ['a user name', { redirect_uri: 'https://app.example@attacker.example/callback' }],
    ['http', { redirect_uri: 'http://app.example/callback' }],
    ['a subdomain', { redirect_uri: 'https://a.app.example/callback' }],
    ['script', { redirect_uri: 'javascript:alert(1)' }],
    ['the redirect URI of another client', { redirect_uri: OTHER_URI }],
    ['two redirect URIs', { redirect_uri: [REDIRECT_URI, OTHER_URI] }],
  ])('%s', async (_, changes) => {
    expectErrorPage(await ask(authorizationRequest(app.id, changes)));
    await expectAccepted(authorizationRequest(app.id));
  });

  it('a disabled client', async () => {
    const gone = await registerClient();
    await expectAccepted(authorizationRequest(gone.id));
    await askAuthDatabase(
      sharedCluster(),
      'UPDATE oauth_clients SET disabled_at = now() WHERE id = $1',
      [gone.id],
    );
    expectErrorPage(await ask(authorizationRequest(gone.id)));
  });

  it('what other people wrote, as text', async () => {
    const answer = await ask(authorizationRequest('<b>client</b>', { state: '<b>state</b>' }));
    expectErrorPage(answer);
    expect(answer.body).not.toContain('<b>');
  });
});

describe('told to the client, with its state and the issuer', () => {
  it.each<[what: string, changes: Parameters, error: string]>([
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['PKCE plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    [
      'PKCE without its method, which means plain',
      { code_challenge_method: undefined },
      'invalid_request',
    ],
    ['a method without a challenge', { code_challenge: undefined }, 'invalid_request'],
    ['an unknown method', { code_challenge_method: 'S512' }, 'invalid_request'],
    ['a challenge that is no digest', { code_challenge: 'short' }, 'invalid_request'],
    ['no response type', { response_type: undefined }, 'invalid_request'],
    ['response type token', { response_type: 'token' }, 'unsupported_response_type'],
    ['response type id_token', { response_type: 'id_token' }, 'unsupported_response_type'],
    ['response type code token', { response_type: 'code token' }, 'unsupported_response_type'],
    [
      'response type code id_token',
      { response_type: 'code id_token' },
      'unsupported_response_type',
    ],
    ['response type none', { response_type: 'none' }, 'unsupported_response_type'],
    ['response mode fragment', { response_mode: 'fragment' }, 'unsupported_response_mode'],
    ['response mode form_post', { response_mode: 'form_post' }, 'unsupported_response_mode'],
    ['response mode web_message', { response_mode: 'web_message' }, 'unsupported_response_mode'],
    ['response mode jwt', { response_mode: 'jwt' }, 'unsupported_response_mode'],
    ['a scope beyond the client’s', { scope: 'openid orders:write' }, 'invalid_scope'],
    ['an unknown resource', { resource: 'https://other.example/' }, 'invalid_target'],
    ['a resource that is no URI', { resource: 'orders' }, 'invalid_target'],
    ['an unknown prompt', { prompt: 'jump' }, 'invalid_request'],
    ['prompt none with another', { prompt: 'none login' }, 'invalid_request'],
    ['a negative max_age', { max_age: '-1' }, 'invalid_request'],
    ['a max_age that is no number', { max_age: 'now' }, 'invalid_request'],
    ['a request object', { request: 'a-request' }, 'request_not_supported'],
    [
      'a request_uri at the client',
      { request_uri: 'https://app.example/r' },
      'request_uri_not_supported',
    ],
    [
      'a request_uri nobody pushed',
      { request_uri: 'urn:ietf:params:oauth:request_uri:none' },
      'invalid_request_uri',
    ],
    ['a registration', { registration: '{}' }, 'registration_not_supported'],
    ['nobody signed in, and prompt none', { prompt: 'none' }, 'login_required'],
    ['two scopes', { scope: ['openid', 'orders:read'] }, 'invalid_request'],
  ])('%s', async (_, changes, error) => {
    const answer = await ask(authorizationRequest(app.id, changes));
    expect(answer.status).toBe(303);
    expectErrorAtClient(locationOf(answer), error);
    await expectAccepted(authorizationRequest(app.id));
  });

  it('an unpushed request of a client that can authenticate', async () => {
    const answer = await ask(authorizationRequest(server.id));
    expectErrorAtClient(locationOf(answer), 'invalid_request');
  });
});

describe('a request is accepted', () => {
  it.each<[what: string, changes: Parameters]>([
    ['without a state', { state: undefined }],
    ['with a nonce', { nonce: 'a nonce' }],
    ['with a nonce of 64 characters', { nonce: 'n'.repeat(64) }],
    ['with a long nonce', { nonce: 'n'.repeat(384) }],
    ['with a long state', { state: 's'.repeat(1_000) }],
    ['with its scopes in another order', { scope: 'orders:read openid' }],
    ['with an unknown parameter', { extra: 'foobar' }],
    ['with display', { display: 'popup' }],
    ['with locales', { ui_locales: 'de en', claims_locales: 'de' }],
    ['with acr_values', { acr_values: 'a b' }],
    ['with the one response mode', { response_mode: 'query' }],
    ['with the one resource', { resource: 'https://api.sallyport.internal' }],
  ])('%s', async (_, changes) => {
    await expectAccepted(authorizationRequest(app.id, changes));
  });

  it('with a hint of who signs in, which the page shows', async () => {
    const { browser } = new Visitor(client, customer);
    const parameters = authorizationRequest(app.id, { login_hint: 'alice@example.com' });
    const page = await browser.open(authorizePath(parameters));
    expect(page.response.body).toContain('value="alice@example.com"');
  });

  it('and answered by access_denied when somebody cancels', async () => {
    const { browser } = new Visitor(client, customer);
    const page = await browser.open(authorizePath(authorizationRequest(app.id)));
    const { url } = await browser.submit(page, '/abort');
    expectErrorAtClient(url, 'access_denied');
  });
});

describe('a request object in the URL', () => {
  it('is refused by the gateway as any JWS there', async () => {
    const answer = await ask(authorizationRequest(app.id, { request: JWS }));
    expect(answer).toMatchObject({ status: 400, problem: { code: 'credential_in_url' } });
  });
});

describe('a pushed request', () => {
  const push = (changes: Parameters = {}, headers = basic(server.id, server.secret)) =>
    post(client, 'par', authorizationRequest(server.id, changes), headers);
  const uriOf = ({ json }: PublicResponse) =>
    (json as { readonly request_uri: string }).request_uri;
  const open = (clientId: string, requestUri: string) =>
    ask({ client_id: clientId, request_uri: requestUri });

  it.each<[what: string, changes: Parameters, error: string]>([
    ['no PKCE', { code_challenge: undefined }, 'invalid_request'],
    ['PKCE plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['another redirect URI', { redirect_uri: OTHER_URI }, 'invalid_request'],
    ['response type token', { response_type: 'token' }, 'unsupported_response_type'],
    ['response mode form_post', { response_mode: 'form_post' }, 'invalid_request'],
    ['an unknown resource', { resource: 'https://other.example/' }, 'invalid_target'],
    ['a request object', { request: JWS }, 'request_not_supported'],
    [
      'a request_uri',
      { request_uri: 'urn:ietf:params:oauth:request_uri:a' },
      'request_uri_not_supported',
    ],
    ['the id of another client', { client_id: 'client-of-nobody' }, 'invalid_request'],
  ])('is refused with %s', async (_, changes, error) => {
    const answer = await push(changes);
    expect(answer).toMatchObject({ status: 400, json: { error } });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect((await push()).status).toBe(201);
  });

  it('is refused without the client’s authentication', async () => {
    expect(await push({}, [])).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
    expect(await push()).toMatchObject({ status: 201, json: { expires_in: 60 } });
  });

  it('is of one client', async () => {
    const requestUri = uriOf(await push());
    const stolen = await registerClient({ token_endpoint_auth_method: 'client_secret_basic' });
    expectErrorPage(await open(stolen.id, requestUri));
    expect((await open(server.id, requestUri)).status).toBe(303);
  });

  it('is for a minute', async () => {
    const requestUri = uriOf(await push());
    expect((await open(server.id, requestUri)).status).toBe(303);
    await askAuthDatabase(
      sharedCluster(),
      `UPDATE oauth_artifacts SET expires_at = now() WHERE kind = 'PushedAuthorizationRequest'
       AND client_id IS NULL AND id_hash = sha256($1)`,
      [requestUri.split(':').at(-1)],
    );
    expectErrorPage(await open(server.id, requestUri));
  });

  it('may be opened again until it is answered', async () => {
    const parameters = { client_id: server.id, request_uri: uriOf(await push()) };
    for (let turn = 0; turn < 2; turn += 1) expect((await ask(parameters)).status).toBe(303);
    const visitor = new Visitor(client, customer);
    expect(await visitor.codeFor(parameters)).toEqual(expect.any(String));
  });

  it('is answered once', async () => {
    const requestUri = uriOf(await push());
    const visitor = new Visitor(client, customer);
    const parameters = { client_id: server.id, request_uri: requestUri };
    expect(await visitor.codeFor(parameters)).toEqual(expect.any(String));
    expectErrorPage((await visitor.visit(authorizePath(parameters))).response);
  });

  it('cannot be changed in the URL', async () => {
    const requestUri = uriOf(await push());
    const visitor = new Visitor(client, customer);
    const { url } = await visitor.visit(
      authorizePath({ client_id: server.id, request_uri: requestUri, scope: 'openid', state: 'b' }),
    );
    expect(url.searchParams.get('state')).toBe('a state');
  });
});

describe('somebody who is signed in', () => {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = new Visitor(client, customer);
    await visitor.codeFor(authorizationRequest(app.id));
  });
  const visit = (changes: Parameters) =>
    visitor.browser.open(authorizePath(authorizationRequest(app.id, changes)));

  it('is answered by a code with state and issuer, and by nothing else', async () => {
    const { url } = await visit({ prompt: 'none' });
    expect(Object.fromEntries(url.searchParams)).toEqual({
      code: expect.any(String),
      state: 'a state',
      iss: issuer,
    });
  });

  it('is not asked again within max_age', async () => {
    const { url } = await visit({ max_age: '10000', prompt: 'none' });
    expect(url.searchParams.get('code')).toEqual(expect.any(String));
  });

  it.each<[what: string, changes: Parameters]>([
    ['a max_age that is over', { max_age: '0' }],
    ['prompt login', { prompt: 'login' }],
  ])('signs in again for %s', async (_, changes) => {
    expect((await visit(changes)).response.body).toContain('/login"');
    const { url } = await visit({ ...changes, prompt: 'none' });
    if ('max_age' in changes) expectErrorAtClient(url, 'login_required');
  });

  it('is asked for what was not allowed yet', async () => {
    const parameters = authorizationRequest(other.id, { redirect_uri: OTHER_URI });
    const silent = await visitor.browser.open(authorizePath({ ...parameters, prompt: 'none' }));
    expect(silent.url.origin).toBe('https://other.example');
    expect(silent.url.searchParams.get('error')).toBe('consent_required');
    expect((await visitor.browser.open(authorizePath(parameters))).response.body).toContain(
      '/consent"',
    );
  });

  it('may ask by a form, which becomes a URL', async () => {
    const answer = await post(client, 'authorize', authorizationRequest(app.id));
    expect(answer.status).toBe(303);
    expect(locationOf(answer).pathname).toBe('/oauth2/authorize');
    expect((await client.send({ path: answer.headers.location ?? '' })).status).toBe(303);
  });
});
