import { sharedCluster } from '../src/cluster-facts';
import { signUp } from '../src/customers';
import { introspect } from '../src/introspect';
import { needing, needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import {
  authorizationRequest,
  authorizePath,
  basic,
  exchangeOf,
  pairsOf,
  post,
  refreshOf,
  REDIRECT_URI,
  Visitor,
} from '../src/oauth-requests';
import type { Parameters, Tokens } from '../src/oauth-requests';
import { PublicClient } from '../src/public-client';
import type { WireHeaders } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { startOwnCluster } from '../src/own-cluster';

needs('databases');

const client = new PublicClient();
const { gatewayUrl: issuer } = sharedCluster();
const OTHER_RESOURCE = 'https://other.example/';

let app: RegisteredClient;
let little: RegisteredClient;
let server: RegisteredClient;
let machine: RegisteredClient;
let visitor: Visitor;
beforeAll(async () => {
  const basicAuth = { token_endpoint_auth_method: 'client_secret_basic' };
  [app, little, server, machine] = await Promise.all([
    registerClient(),
    registerClient({ scope: 'openid' }),
    registerClient(basicAuth),
    registerClient({
      ...basicAuth,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      scope: 'orders:read',
    }),
  ]);
  visitor = new Visitor(client, await signUp(client));
  await visitor.codeFor(authorizationRequest(app.id));
});

const tokensFor = async (changes: Parameters = {}): Promise<Tokens> => {
  const code = await visitor.codeFor(authorizationRequest(app.id, changes));
  return (await post(client, 'token', exchangeOf(app.id, code))).json as Tokens;
};

/** RFC 6749 section 5.2: these members and no others, and nobody keeps the answer. */
function expectError(answer: PublicResponse, status: number, error: string): void {
  expect(answer).toMatchObject({ status, json: { error } });
  const members = Object.keys(answer.json as object);
  expect(['error', 'error_description', 'scope']).toEqual(expect.arrayContaining(members));
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.headers['cache-control']).toBe('no-store');
}

describe('the authorization endpoint (RFC 6749 §4.1.2.1, RFC 9207 §2, RFC 8707 §2) answers', () => {
  it.each<[error: string, clientOf: () => RegisteredClient, changes: Parameters]>([
    ['invalid_request', () => app, { code_challenge: undefined }],
    ['unauthorized_client', () => machine, {}],
    ['unsupported_response_type', () => app, { response_type: 'token' }],
    ['invalid_scope', () => little, { scope: 'openid orders:read' }],
    ['invalid_target', () => app, { resource: OTHER_RESOURCE }],
    ['login_required', () => app, { prompt: 'none' }],
    ['request_not_supported', () => app, { request: 'a-request' }],
    ['request_uri_not_supported', () => app, { request_uri: 'https://app.example/r' }],
    ['registration_not_supported', () => app, { registration: '{}' }],
  ])('%s', async (error, clientOf, changes) => {
    const parameters = authorizationRequest(clientOf().id, changes);
    const answer = await client.send({ path: authorizePath(parameters) });
    if (clientOf() === machine) {
      // It has nowhere to go back to: the error is for the person at the browser.
      expect(answer.status).toBe(400);
      expect(answer.headers.location).toBeUndefined();
      return;
    }
    expect(answer.status).toBe(303);
    const at = new URL(answer.headers.location ?? '');
    expect(`${at.origin}${at.pathname}`).toBe(REDIRECT_URI);
    const told = new URLSearchParams(at.search === '' ? at.hash.slice(1) : at.search);
    expect(Object.fromEntries(told)).toMatchObject({ error, state: 'a state', iss: issuer });
    expect(told.has('code')).toBe(false);
  });

  it('access_denied', async () => {
    const { browser } = new Visitor(client, await signUp(client));
    const page = await browser.open(authorizePath(authorizationRequest(app.id)));
    const { url } = await browser.submit(page, '/abort');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      ...{ error: 'access_denied', state: 'a state', iss: issuer },
    });
  });
});

describe('the token endpoint (RFC 6749 §5.2, RFC 8707 §2) answers', () => {
  const asMachine = () => basic(machine.id, machine.secret);
  const machineAsks = { grant_type: 'client_credentials', scope: 'orders:read' };

  it.each<
    [error: string, status: number, parameters: () => Parameters, headers?: () => WireHeaders]
  >([
    ['invalid_request', 400, () => ({ client_id: app.id })],
    ['invalid_request', 400, () => ({ ...machineAsks, scope: ['a', 'b'] }), asMachine],
    ['invalid_client', 401, () => machineAsks, () => basic(machine.id, 'wrong')],
    ['invalid_grant', 400, () => exchangeOf(app.id, 'a'.repeat(43))],
    ['invalid_grant', 400, () => refreshOf(app.id, 'a'.repeat(43))],
    ['unauthorized_client', 400, () => ({ ...machineAsks, client_id: app.id })],
    ['unsupported_grant_type', 400, () => ({ grant_type: 'password', client_id: app.id })],
    ['invalid_scope', 400, () => ({ ...machineAsks, scope: 'orders:write' }), asMachine],
    ['invalid_scope', 400, () => ({ ...machineAsks, scope: 'orders:read\u00a0' }), asMachine],
    ['invalid_target', 400, () => ({ ...machineAsks, resource: OTHER_RESOURCE }), asMachine],
  ])('%s with %d', async (error, status, parameters, headers = () => []) => {
    const answer = await post(client, 'token', parameters(), headers());
    expectError(answer, status, error);
    if (status === 401) {
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="/);
    }
    expect((await post(client, 'token', machineAsks, asMachine())).status).toBe(200);
  });

  it('in JSON to who would rather have a page', async () => {
    const parameters = { grant_type: 'password', client_id: app.id };
    const answer = await post(client, 'token', parameters, [['Accept', 'text/html']]);
    expectError(answer, 400, 'unsupported_grant_type');
  });
});

describe('the endpoint for pushed requests (RFC 9126 §2.3) answers', () => {
  const authenticated = () => basic(server.id, server.secret);
  const push = (changes: Parameters, headers = authenticated()) =>
    post(client, 'par', authorizationRequest(server.id, changes), headers);

  it.each<[error: string, status: number, changes: Parameters, headers?: () => WireHeaders]>([
    ['invalid_request', 400, { code_challenge: undefined }],
    ['invalid_request', 400, { redirect_uri: 'https://other.example/' }],
    ['invalid_client', 401, {}, () => basic(server.id, 'wrong')],
    ['unsupported_response_type', 400, { response_type: 'token' }],
    ['invalid_scope', 400, { scope: 'openid\u00a0' }],
    ['invalid_target', 400, { resource: OTHER_RESOURCE }],
    ['request_uri_not_supported', 400, { request_uri: 'urn:ietf:params:oauth:request_uri:a' }],
  ])('%s with %d', async (error, status, changes, headers = authenticated) => {
    expectError(await push(changes, headers()), status, error);
    expect((await push({})).status).toBe(201);
  });

  it('unauthorized to a client that signs nobody in', async () => {
    const parameters = authorizationRequest(machine.id);
    const answer = await post(client, 'par', parameters, basic(machine.id, machine.secret));
    expect(answer.status).toBe(400);
    expect((await push({})).status).toBe(201);
  });
});

describe('what is protected by a token (RFC 6750 §3) answers', () => {
  const challengeOf = ({ headers }: PublicResponse) => String(headers['www-authenticate']);
  /** Both schemes, each without a word of what went wrong. */
  const expectBareChallenges = (answer: PublicResponse, realm: string): void => {
    const bearer = `Bearer realm="${realm}"`;
    const dpop = `DPoP realm="${realm}", algs="ES256 PS256 EdDSA Ed25519"`;
    expect(challengeOf(answer)).toBe(`${bearer}, ${dpop}`);
  };
  const malformed: WireHeaders = [['Authorization', 'Bearer']];

  it('userinfo: no error code to who presents nothing', async () => {
    const answer = await client.send({ path: '/oauth2/userinfo' });
    expect(answer.status).toBe(401);
    expectBareChallenges(answer, issuer);
  });

  it.each<[what: string, headers: WireHeaders]>([
    ['half a header', malformed],
    ['another scheme', [['Authorization', 'Basic YTpi']]],
  ])('userinfo: invalid_request with 400 to %s', async (_, headers) => {
    const answer = await client.send({ path: '/oauth2/userinfo', headers });
    expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    expect(challengeOf(answer)).toContain('error="invalid_request"');
  });

  it('userinfo: invalid_token with 401', async () => {
    const answer = await client.send({ path: '/oauth2/userinfo', accessToken: 'a'.repeat(43) });
    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_token' } });
    expect(challengeOf(answer)).toContain('error="invalid_token"');
    const { access_token: accessToken } = await tokensFor({ scope: 'openid' });
    expect((await client.send({ path: '/oauth2/userinfo', accessToken })).status).toBe(200);
  });

  it('the API: no error code to who presents nothing', async () => {
    const answer = await client.send({ path: '/orders' });
    expect(answer.status).toBe(401);
    expectBareChallenges(answer, 'sallyport');
  });

  it('the API: invalid_request with 400 to two credentials', async () => {
    const { access_token: accessToken } = await tokensFor();
    const headers: WireHeaders = [['X-API-Key', 'a-key']];
    const answer = await client.send({ path: '/orders', accessToken, headers });
    expect(answer).toMatchObject({ status: 400, problem: { code: 'multiple_credentials' } });
  });

  it('the API: invalid_token with 401', async () => {
    const answer = await client.send({ path: '/orders', accessToken: 'a'.repeat(43) });
    expect(answer.status).toBe(401);
    expect(challengeOf(answer)).toContain('error="invalid_token"');
  });

  it('the API: insufficient_scope with 403, and the scope it takes', async () => {
    const { access_token: accessToken } = await tokensFor();
    const answer = await client.send({ path: '/invoices', accessToken });
    expect(answer).toMatchObject({ status: 403, problem: { code: 'insufficient_scope' } });
    expect(challengeOf(answer)).toContain('error="insufficient_scope"');
    expect(challengeOf(answer)).toContain('scope="billing:read"');
    expect((await client.send({ path: '/orders', accessToken })).status).toBe(200);
  });
});

describe('an endpoint of the authorization server refuses', () => {
  const FORMS = ['token', 'par', 'introspect', 'revoke', 'authorize', 'logout'];

  it.each<[path: string, methods: readonly string[], allowed: string]>([
    ['token', ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'], 'POST'],
    ['par', ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'], 'POST'],
    ['introspect', ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'], 'POST'],
    ['revoke', ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'], 'POST'],
    ['authorize', ['PUT', 'PATCH', 'DELETE'], 'GET, HEAD, POST'],
    ['userinfo', ['PUT', 'PATCH', 'DELETE'], 'GET, HEAD, POST'],
    ['logout', ['PUT', 'PATCH', 'DELETE'], 'GET, HEAD, POST'],
  ])('other methods at %s with 405', async (name, methods, allowed) => {
    for (const method of methods) {
      const answer = await client.send({ method, path: `/oauth2/${name}` });
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe(allowed);
    }
  });

  it.each(FORMS)('JSON, and nothing at all, at %s with invalid_request', async (name) => {
    const sent = { method: 'POST', path: `/oauth2/${name}` };
    for (const answer of [
      await client.send({ ...sent, json: { token: 'a' } }),
      await client.send(sent),
    ]) {
      expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  it('a token in a form at userinfo with 415', async () => {
    const form = [['access_token', 'a']] as const;
    const answer = await client.send({ method: 'POST', path: '/oauth2/userinfo', form });
    expect(answer.status).toBe(415);
  });

  it.each(FORMS)('a body beyond any request at %s with 413', async (name) => {
    const form = [['state', 'x'.repeat(17 * 1024)]] as const;
    const answer = await client.send({ method: 'POST', path: `/oauth2/${name}`, form });
    expect(answer).toMatchObject({ status: 413, problem: { code: 'body_too_large' } });
  });

  it.each([...FORMS, 'interaction/a/login', 'account/withdraw'])(
    'U+0000 at %s with invalid_request',
    async (name) => {
      const sent = {
        method: 'POST',
        path: `/oauth2/${name}`,
        headers: [['Origin', issuer]] as const,
      };
      const answer = await client.send({ ...sent, form: [['client_id', 'a\0']] });
      expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    },
  );

  it('U+0000 in the query with invalid_request', async () => {
    for (const name of ['client_id', 'state', 'nonce', 'login_hint']) {
      const path = authorizePath(authorizationRequest(app.id, { [name]: '\0' }));
      const answer = await client.send({ path });
      expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    }
    const parameters = authorizationRequest(app.id);
    expect((await client.send({ path: authorizePath(parameters) })).status).toBe(303);
  });

  it.each<[path: 'token' | 'par', twice: string]>([
    ['token', 'grant_type'],
    ['token', 'scope'],
    ['token', 'client_id'],
    ['par', 'state'],
    ['par', 'redirect_uri'],
    ['par', 'code_challenge'],
  ])('at %s a %s that stands twice', async (path, twice) => {
    const asked =
      path === 'par' ? authorizationRequest(server.id) : { grant_type: 'client_credentials' };
    const one = path === 'par' ? server : machine;
    const parameters = { ...asked, [twice]: ['a', 'a'] };
    expectError(
      await post(client, path, parameters, basic(one.id, one.secret)),
      400,
      'invalid_request',
    );
  });

  it('at introspection a token that stands twice', async () => {
    const answer = await introspect(
      client,
      { token: ['a', 'a'] },
      basic(machine.id, machine.secret),
    );
    expectError(answer, 400, 'invalid_request');
  });
});

needing('own-cluster').describe('more requests than anybody may make (RFC 9126 §2.3)', () => {
  jest.setTimeout(60_000);

  it('are refused with 429', async () => {
    const own = await startOwnCluster({ gateway: { RATE_LIMIT_SCALE: '0.1' } });
    try {
      const limited = new PublicClient(own.facts);
      const form = pairsOf({ client_id: 'client-of-nobody' });
      const ask = (name: string) => limited.send({ method: 'POST', path: `/oauth2/${name}`, form });
      expect((await ask('par')).status).toBe(401);
      await Promise.all(Array.from({ length: 60 }, () => ask('par')));
      for (const name of ['par', 'introspect', 'token']) {
        const answer = await ask(name);
        expect(answer).toMatchObject({ status: 429, problem: { code: 'rate_limited' } });
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      }
    } finally {
      await own.stop();
    }
  });
});
