import { signUp } from '../src/customers';
import { needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import {
  authorizationRequest,
  authorizePath,
  exchangeOf,
  post,
  VERIFIER,
  Visitor,
} from '../src/oauth-requests';
import { PublicClient } from '../src/public-client';

needs('databases');

const client = new PublicClient();

const LOOPBACK = 'http://127.0.0.1/callback';
const LOOPBACK_6 = 'http://[::1]/callback';
const LOOPBACK_PORT = 'http://127.0.0.1:8400/other?tenant=1';
const OWN_SCHEME = 'com.example.app:/callback';
const CLAIMED = 'https://app.example/claimed';
const REGISTERED = [LOOPBACK, LOOPBACK_6, LOOPBACK_PORT, OWN_SCHEME, CLAIMED];

let app: RegisteredClient;
let web: RegisteredClient;
let visitor: Visitor;
beforeAll(async () => {
  [app, web] = await Promise.all([
    registerClient({ application_type: 'native', redirect_uris: REGISTERED }),
    registerClient(),
  ]);
  visitor = new Visitor(client, await signUp(client));
  await visitor.codeFor(authorizationRequest(app.id, { redirect_uri: CLAIMED }));
});

const authorize = (redirectUri: string, clientId = app.id) =>
  client.send({
    path: authorizePath(authorizationRequest(clientId, { redirect_uri: redirectUri })),
  });

describe('the redirect URI of a native client (RFC 8252) is refused on a page', () => {
  it.each<[rule: string, uri: string]>([
    ['§8.3: localhost, which may be another machine', 'http://localhost/callback'],
    ['§8.3: localhost with a port', 'http://localhost:51004/callback'],
    ['§7.3: another address of the loopback network', 'http://127.0.0.2:51004/callback'],
    ['§7.3: every address', 'http://0.0.0.0:51004/callback'],
    ['§7.3: the address as a number', 'http://2130706433:51004/callback'],
    ['§7.3: the address shortened', 'http://127.1:51004/callback'],
    ['§7.3: the address in octal', 'http://0177.0.0.1:51004/callback'],
    ['§7.3: the address with a dot at its end', 'http://127.0.0.1.:51004/callback'],
    ['§7.3: a name that begins like it', 'http://127.0.0.1.attacker.example/callback'],
    ['§7.3: the address as a user name', 'http://127.0.0.1@attacker.example/callback'],
    ['§7.3: a user name', 'http://user@127.0.0.1:51004/callback'],
    ['§7.3: the other family written out', 'http://[0:0:0:0:0:0:0:1]:51004/callback'],
    ['§7.3: the other family mapped', 'http://[::ffff:127.0.0.1]:51004/callback'],
    ['§7.3: https on loopback', 'https://127.0.0.1:51004/callback'],
    ['§7.3: another path', 'http://127.0.0.1:51004/callback2'],
    ['§7.3: a longer path', 'http://127.0.0.1:51004/callback/'],
    ['§7.3: a path in other case', 'http://127.0.0.1:51004/Callback'],
    ['§7.3: an encoded path', 'http://127.0.0.1:51004/%63allback'],
    ['§7.3: a way up', 'http://127.0.0.1:51004/a/../callback'],
    ['§7.3: a query more', 'http://127.0.0.1:51004/callback?a=b'],
    ['§7.3: a query less', 'http://127.0.0.1:8400/other'],
    ['§7.3: another query', 'http://127.0.0.1:8400/other?tenant=2'],
    ['§7.3: a fragment', 'http://127.0.0.1:51004/callback#a'],
    ['§7.3: a port beyond the last', 'http://127.0.0.1:65536/callback'],
    ['§7.1: another scheme', 'com.example.app2:/callback'],
    ['§7.1: a scheme under the same domain', 'com.example.app.other:/callback'],
    ['§7.1: the scheme with another path', 'com.example.app:/callback/more'],
    ['§7.1: the scheme with a query', 'com.example.app:/callback?a=b'],
    ['§7.1: the scheme with an authority', 'com.example.app://callback'],
    ['§7.1: the scheme with an empty authority', 'com.example.app:///callback'],
    ['§7.1: the scheme without a slash', 'com.example.app:callback'],
    ['§7.1: the scheme in capitals', 'COM.EXAMPLE.APP:/callback'],
    ['§7.2: a claimed URI with a port', 'https://app.example:8443/claimed'],
    ['§7.2: a claimed URI with another path', 'https://app.example/claimed/'],
    ['§7.2: a claimed URI with a query', 'https://app.example/claimed?a=b'],
    ['§7.2: a claimed URI of a subdomain', 'https://a.app.example/claimed'],
    ['§7.2: a claimed URI in capitals', 'https://APP.example/claimed'],
    ['§7.2: a claimed URI without its protection', 'http://app.example/claimed'],
    ['§8.4: that of another client', 'https://app.example/callback'],
  ])('%s', async (_, uri) => {
    const answer = await authorize(uri);
    expect(answer.status).toBe(400);
    expect(answer.headers.location).toBeUndefined();
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    expect((await authorize(LOOPBACK)).status).toBe(303);
  });

  it('§8.4: a loopback port of a client that is not native', async () => {
    expect((await authorize('http://127.0.0.1:51004/callback', web.id)).status).toBe(400);
    expect((await authorize('https://app.example/callback', web.id)).status).toBe(303);
  });
});

describe('who intercepts the code of a native client (RFC 8252 §8.1)', () => {
  const uri = 'http://127.0.0.1:51004/callback';
  const newCode = () => visitor.codeFor(authorizationRequest(app.id, { redirect_uri: uri }));
  const exchange = (code: string, changes: Readonly<Record<string, string | undefined>>) =>
    post(client, 'token', exchangeOf(app.id, code, { redirect_uri: uri, ...changes }));

  it.each<[what: string, changes: Readonly<Record<string, string | undefined>>, error: string]>([
    ['without the verifier', { code_verifier: undefined }, 'invalid_grant'],
    ['with another verifier', { code_verifier: `${VERIFIER}a` }, 'invalid_grant'],
    ['at another port', { redirect_uri: 'http://127.0.0.1:51005/callback' }, 'invalid_grant'],
    ['at no port', { redirect_uri: LOOPBACK }, 'invalid_grant'],
    ['at the other address', { redirect_uri: 'http://[::1]:51004/callback' }, 'invalid_grant'],
    ['by its own scheme', { redirect_uri: OWN_SCHEME }, 'invalid_grant'],
    ['at no redirect URI', { redirect_uri: undefined }, 'invalid_request'],
  ])('gets nothing %s', async (_, changes, error) => {
    const code = await newCode();
    expect(await exchange(code, changes)).toMatchObject({ status: 400, json: { error } });
    expect((await exchange(code, {})).status).toBe(200);
  });
});

describe('the redirect URI of a native client is accepted', () => {
  it.each<[rule: string, uri: string]>([
    ['§7.3: the loopback address', LOOPBACK],
    ['§7.3: on any port', 'http://127.0.0.1:51004/callback'],
    ['§7.3: on the first port', 'http://127.0.0.1:1/callback'],
    ['§7.3: on the last port', 'http://127.0.0.1:65535/callback'],
    ['§7.3: of the other family', LOOPBACK_6],
    ['§7.3: of the other family on any port', 'http://[::1]:51004/callback'],
    ['§7.3: registered with a port', LOOPBACK_PORT],
    ['§7.3: registered with a port, on another', 'http://127.0.0.1:51004/other?tenant=1'],
    ['§7.1: its own scheme', OWN_SCHEME],
    ['§7.2: a claimed URI', CLAIMED],
  ])('%s', async (_, uri) => {
    const { url } = await visitor.visit(
      authorizePath(authorizationRequest(app.id, { redirect_uri: uri })),
    );
    const code = url.searchParams.get('code') ?? '';
    const at = new URL(url);
    for (const name of ['code', 'state', 'iss']) at.searchParams.delete(name);
    expect(at.href).toBe(new URL(uri).href);
    const exchange = exchangeOf(app.id, code, { redirect_uri: uri });
    expect((await post(client, 'token', exchange)).status).toBe(200);
  });
});
