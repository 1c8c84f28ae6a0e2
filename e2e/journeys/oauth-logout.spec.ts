import { setTimeout as delay } from 'node:timers/promises';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { BackChannel } from '../src/back-channel';
import { sharedCluster } from '../src/cluster-facts';
import { encodeJson, partsOf } from '../src/compact-jws';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import {
  authorizationRequest,
  authorizePath,
  exchangeOf,
  pairsOf,
  post,
  queryOf,
  refreshOf,
  Visitor,
} from '../src/oauth-requests';
import type { Parameters, Tokens } from '../src/oauth-requests';
import { PublicClient } from '../src/public-client';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

needs('databases', 'shared-loopback');

const client = new PublicClient();
const { gatewayUrl: issuer } = sharedCluster();
const BACK = 'https://app.example/';

let channel: BackChannel;
let app: RegisteredClient;
beforeAll(async () => {
  channel = await BackChannel.open();
  app = await registerClient(channel.metadata);
});
afterAll(() => {
  channel.close();
});

interface SignedIn {
  readonly customer: Customer;
  readonly visitor: Visitor;
  readonly tokens: Tokens;
}

async function signIn(): Promise<SignedIn> {
  const customer = await signUp(client);
  const visitor = new Visitor(client, customer);
  const code = await visitor.codeFor(authorizationRequest(app.id));
  const { json } = await post(client, 'token', exchangeOf(app.id, code));
  return { customer, visitor, tokens: json as Tokens };
}

async function isSignedIn({ visitor }: SignedIn): Promise<boolean> {
  const { url } = await visitor.browser.open(
    authorizePath(authorizationRequest(app.id, { prompt: 'none' })),
  );
  return url.searchParams.has('code');
}

const logoutPath = (parameters: Parameters): string => `/oauth2/logout?${queryOf(parameters)}`;

/** The fields that a page has its browser send. */
const fieldsOf = (body: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  );

describe('signing out is refused', () => {
  it.each<[what: string, parameters: () => Parameters]>([
    [
      'to a URI of nobody',
      () => ({ client_id: app.id, post_logout_redirect_uri: 'https://attacker.example/' }),
    ],
    ['to a URI with more', () => ({ client_id: app.id, post_logout_redirect_uri: `${BACK}a` })],
    [
      'to a redirect URI of another kind',
      () => ({ client_id: app.id, post_logout_redirect_uri: `${BACK}callback` }),
    ],
    ['for an unknown client', () => ({ client_id: 'client-of-nobody' })],
    ['with a hint that is none', () => ({ id_token_hint: 'hint' })],
  ])('%s', async (_, parameters) => {
    const signedIn = await signIn();
    const { response } = await signedIn.visitor.browser.open(logoutPath(parameters()));
    expect(response.status).toBe(400);
    expect(response.headers['content-type']).toMatch(/^text\/html/);
    expect(response.headers.location).toBeUndefined();
    expect(await isSignedIn(signedIn)).toBe(true);
    const right = { client_id: app.id, post_logout_redirect_uri: BACK };
    expect((await signedIn.visitor.browser.open(logoutPath(right))).response.status).toBe(200);
  });

  it('with an ID token that was changed, or is another client’s', async () => {
    const [signedIn, other] = [await signIn(), await registerClient()];
    const [header = '', payload = '', signature = ''] = signedIn.tokens.id_token.split('.');
    const changed = { ...partsOf(signedIn.tokens.id_token).payload, sub: 'somebody-else' };
    const hint = [header, encodeJson(changed), signature].join('.');
    const cookie = { from_here: 'yes' };
    for (const form of [
      { ...cookie, id_token_hint: hint },
      { ...cookie, id_token_hint: [header, payload, ''].join('.') },
      { ...cookie, id_token_hint: signedIn.tokens.id_token, client_id: other.id },
    ]) {
      expect((await post(client, 'logout', form)).status).toBe(400);
    }
    const right = { ...cookie, id_token_hint: signedIn.tokens.id_token };
    expect((await post(client, 'logout', right)).status).toBe(200);
  });

  it('with an ID token in the URL, by the gateway', async () => {
    const { visitor, tokens } = await signIn();
    const path = logoutPath({ id_token_hint: tokens.id_token });
    const { response } = await visitor.browser.open(path);
    expect(response.problem?.code).toBe('credential_in_url');
  });

  it('without the page’s own token against other sites, or from another site', async () => {
    const signedIn = await signIn();
    const { browser } = signedIn.visitor;
    const page = await browser.open('/oauth2/logout');
    const fields = { ...fieldsOf(page.response.body), logout: 'yes' };
    const forged = await browser.submit(page, '/confirm', { ...fields, xsrf: 'a'.repeat(48) });
    expect(forged.response.status).toBe(400);
    const crossSite = await client.send({
      method: 'POST',
      path: '/oauth2/logout/confirm',
      headers: [['Origin', 'https://attacker.example']],
      form: pairsOf(fields),
    });
    expect(crossSite).toMatchObject({ status: 403, problem: { code: 'cross_site_request' } });
    expect(await isSignedIn(signedIn)).toBe(true);
    const done = await browser.submit(page, '/confirm', fields);
    expect(done.url.pathname).toBe('/oauth2/logout/success');
    expect(await isSignedIn(signedIn)).toBe(false);
  });
});

describe('signing out', () => {
  it('asks first, ends what clients were given, tells them, and goes back', async () => {
    const signedIn = await signIn();
    const { visitor, tokens, customer } = signedIn;
    const parameters = { client_id: app.id, post_logout_redirect_uri: BACK, state: 'a state' };
    const page = await visitor.browser.open(logoutPath(parameters));
    expect(page.response.body).toContain('Sign out?');
    expect(page.response.headers['content-security-policy']).toContain(`default-src 'none'`);

    const since = performance.now();
    const fields = { ...fieldsOf(page.response.body), logout: 'yes' };
    const { url } = await visitor.browser.submit(page, '/confirm', fields);
    expect(url.href).toBe(`${BACK}?state=a+state`);
    expect(await isSignedIn(signedIn)).toBe(false);
    const ask = () => client.send({ path: '/orders', accessToken: tokens.access_token });
    expect((await refusalWithin(STATED_BOUND_MS, ask, since)).response.status).toBe(401);
    const refreshed = await post(client, 'token', refreshOf(app.id, tokens.refresh_token));
    expect(refreshed).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });

    const { json: keys } = await client.send({ path: '/.well-known/jwks.json' });
    const { payload, protectedHeader } = await jwtVerify(
      await channel.told(customer),
      createLocalJWKSet(keys as JSONWebKeySet),
      { issuer, audience: app.id, algorithms: ['RS256'], typ: 'logout+jwt' },
    );
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload).toMatchObject({
      sub: customer.userId,
      sid: partsOf(tokens.id_token).payload['sid'],
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(payload).not.toHaveProperty('nonce');
    await delay(2_500);
    expect(channel.about(customer)).toHaveLength(1);
  });

  it('tells a client once that keeps its access', async () => {
    const customer = await signUp(client);
    const visitor = new Visitor(client, customer);
    const offline = { scope: 'openid orders:read offline_access', prompt: 'consent' };
    const code = await visitor.codeFor(authorizationRequest(app.id, offline));
    const { json } = await post(client, 'token', exchangeOf(app.id, code));
    const page = await visitor.browser.open('/oauth2/logout');
    const fields = { ...fieldsOf(page.response.body), logout: 'yes' };
    await visitor.browser.submit(page, '/confirm', fields);
    const { id_token: idToken, refresh_token: refreshToken } = json as Tokens;
    const told = partsOf(await channel.told(customer)).payload;
    expect(told['sid']).toBe(partsOf(idToken).payload['sid']);
    expect((await post(client, 'token', refreshOf(app.id, refreshToken))).status).toBe(200);
  });

  it('takes an ID token in a form', async () => {
    const signedIn = await signIn();
    const { browser } = signedIn.visitor;
    const start = await browser.open('/oauth2/logout');
    const form = {
      response: { ...start.response, body: 'action="/oauth2/logout"' },
      url: start.url,
    };
    const page = await browser.submit(form, '/logout', {
      id_token_hint: signedIn.tokens.id_token,
      post_logout_redirect_uri: BACK,
    });
    expect(page.response.body).toContain(
      `${app.id.slice(-4)}&lt;/b&gt; app</strong> asks to sign you out`,
    );
    const fields = { ...fieldsOf(page.response.body), logout: 'yes' };
    const { url } = await browser.submit(page, '/confirm', fields);
    expect(url.href).toBe(BACK);
    expect(await isSignedIn(signedIn)).toBe(false);
  });

  it('asks to submit a form again that came without the cookie, as from another site', async () => {
    const signedIn = await signIn();
    const { id_token: hint } = signedIn.tokens;
    const answer = await post(client, 'logout', { id_token_hint: hint });
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toBeUndefined();
    const again = { response: answer, url: new URL('/oauth2/logout', issuer) };
    const page = await signedIn.visitor.browser.submit(again, '/logout', fieldsOf(answer.body));
    expect(page.response.body).toContain('op.logoutForm');
  });

  it('stays signed in when somebody wants to', async () => {
    const signedIn = await signIn();
    const { browser } = signedIn.visitor;
    const page = await browser.open('/oauth2/logout');
    const { url } = await browser.submit(page, '/confirm', fieldsOf(page.response.body));
    expect(url.pathname).toBe('/oauth2/logout/success');
    expect(await isSignedIn(signedIn)).toBe(true);
  });

  it('has a page without script for who is not signed in', async () => {
    const visitor = new Visitor(client, await signUp(client));
    const parameters = { client_id: app.id, post_logout_redirect_uri: BACK };
    const page = await visitor.browser.open(logoutPath(parameters));
    expect(page.response.status).toBe(200);
    expect(page.response.body).toContain('You are not signed in');
    expect(page.response.body).not.toContain('<script');
    const { url } = await visitor.browser.submit(page, '/confirm', fieldsOf(page.response.body));
    expect(url.href).toBe(BACK);
  });
});
