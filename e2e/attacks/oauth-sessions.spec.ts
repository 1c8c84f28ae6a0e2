import { randomBytes } from 'node:crypto';
import * as openid from 'openid-client';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import {
  authorizationRequest,
  authorizePath,
  exchangeOf,
  post,
  refreshOf,
  Visitor,
} from '../src/oauth-requests';
import type { Tokens } from '../src/oauth-requests';
import { partsOf } from '../src/compact-jws';
import { discoverAs } from '../src/oauth-sign-in';
import { revoke } from '../src/revoke';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

needs('databases');

const client = new PublicClient();
let app: RegisteredClient;
let operator: Customer;
beforeAll(async () => {
  [app, operator] = await Promise.all([registerClient(), newOperator(client)]);
});

/** Somebody signed in at a browser, what a client was given there, and a session of the first-party client besides. */
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

const listOrders = ({ access_token: accessToken }: Tokens): Promise<PublicResponse> =>
  client.send({ path: '/orders', accessToken });

/** How a request is answered with nobody at the browser. */
async function silently({ visitor }: SignedIn): Promise<string | null> {
  const { url } = await visitor.browser.open(
    authorizePath(authorizationRequest(app.id, { prompt: 'none' })),
  );
  return url.searchParams.has('code') ? 'code' : url.searchParams.get('error');
}

const as = (
  { accessToken }: Pick<Customer, 'accessToken'>,
  method: string,
  path: string,
  json?: unknown,
): Promise<PublicResponse> =>
  client.send({ method, path, accessToken, ...(json !== undefined && { json }) });

const grantSession = ({ tokens }: SignedIn): string =>
  String(partsOf(tokens.access_token).payload['sid']);

const ENDINGS: readonly [
  ending: string,
  end: (of: SignedIn) => Promise<PublicResponse>,
  browser: string,
][] = [
  [
    'the account was locked',
    ({ customer: { email } }) => as(operator, 'POST', '/admin/accounts/lock', { account: email }),
    'login_required',
  ],
  [
    'all sessions were ended',
    ({ customer }) => as(customer, 'POST', '/auth/logout-all'),
    'login_required',
  ],
  [
    'all sessions but one were ended',
    ({ customer }) => as(customer, 'DELETE', '/auth/sessions'),
    'login_required',
  ],
  [
    'the password was changed',
    ({ customer }) =>
      as(customer, 'POST', '/auth/password', {
        currentPassword: customer.password,
        newPassword: randomBytes(18).toString('base64url'),
      }),
    'login_required',
  ],
  [
    'the session of the grant was ended from the list',
    (of) => as(of.customer, 'DELETE', `/auth/sessions/${grantSession(of)}`),
    'code',
  ],
  [
    'what the client was allowed was withdrawn',
    (of) => as(of.customer, 'DELETE', `/auth/consents/${app.id}`),
    'consent_required',
  ],
];

describe('what a client was given is over once', () => {
  it.each(ENDINGS)('%s', async (_, end, browser) => {
    const [ended, bystander] = [await signIn(), await signIn()];
    expect((await listOrders(ended.tokens)).status).toBe(200);
    expect(await silently(ended)).toBe('code');

    const since = performance.now();
    expect((await end(ended)).status).toBeLessThan(300);
    const { response } = await refusalWithin(
      STATED_BOUND_MS,
      () => listOrders(ended.tokens),
      since,
    );
    expect(response).toMatchObject({ status: 401, problem: { code: 'invalid_token' } });
    expect(
      await post(client, 'token', refreshOf(app.id, ended.tokens.refresh_token)),
    ).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    expect(await silently(ended)).toBe(browser);

    expect((await listOrders(bystander.tokens)).status).toBe(200);
    expect(await silently(bystander)).toBe('code');
    const refreshed = refreshOf(app.id, bystander.tokens.refresh_token);
    expect((await post(client, 'token', refreshed)).status).toBe(200);
  });

  it('with a code that was not exchanged yet', async () => {
    const { customer, visitor } = await signIn();
    const code = await visitor.codeFor(authorizationRequest(app.id));
    expect((await as(customer, 'POST', '/auth/logout-all')).status).toBe(200);
    expect(await post(client, 'token', exchangeOf(app.id, code))).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant' },
    });
  });

  it('with an opaque token for userinfo', async () => {
    const { customer, visitor } = await signIn();
    const code = await visitor.codeFor(authorizationRequest(app.id, { scope: 'openid' }));
    const { json } = await post(client, 'token', exchangeOf(app.id, code));
    const { access_token: accessToken } = json as Tokens;
    const ask = () => client.send({ path: '/oauth2/userinfo', accessToken });
    expect((await ask()).status).toBe(200);
    expect((await as(customer, 'POST', '/auth/logout-all')).status).toBe(200);
    expect((await ask()).status).toBe(401);
  });
});

describe('a token that a client revokes', () => {
  it.each<[what: string, token: (tokens: Tokens) => string]>([
    ['nobody’s', () => 'a'.repeat(43)],
    ['an ID token', ({ id_token: idToken }) => idToken],
  ])('ends nothing when it is %s', async (_, token) => {
    const { tokens } = await signIn();
    expect((await revoke(client, token(tokens))).status).toBe(200);
    expect((await listOrders(tokens)).status).toBe(200);
    expect((await post(client, 'token', refreshOf(app.id, tokens.refresh_token))).status).toBe(200);
  });

  it('ends the grant when it is a refresh token, and no other', async () => {
    const [ended, kept] = [await signIn(), await signIn()];
    expect((await listOrders(ended.tokens)).status).toBe(200);
    const since = performance.now();
    const server = await discoverAs(app.id);
    await openid.tokenRevocation(server, ended.tokens.refresh_token);
    await refusalWithin(STATED_BOUND_MS, () => listOrders(ended.tokens), since);
    const refused = await post(client, 'token', refreshOf(app.id, ended.tokens.refresh_token));
    expect(refused).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    expect((await listOrders(kept.tokens)).status).toBe(200);
  });

  it('ends itself alone when it is an access token', async () => {
    const { tokens } = await signIn();
    const since = performance.now();
    expect((await revoke(client, tokens.access_token)).status).toBe(200);
    await refusalWithin(STATED_BOUND_MS, () => listOrders(tokens), since);
    const refreshed = await post(client, 'token', refreshOf(app.id, tokens.refresh_token));
    expect((await listOrders(refreshed.json as Tokens)).status).toBe(200);
  });
});

describe('the sign-in of a browser', () => {
  const browserSession = async (of: SignedIn): Promise<string> => {
    const { json } = await as(of.customer, 'GET', '/auth/sessions');
    const { items } = json as { readonly items: readonly { readonly id: string }[] };
    const others = [of.customer.sessionId, grantSession(of)];
    return items.map(({ id }) => id).find((id) => !others.includes(id)) ?? '';
  };

  it('ended from the list takes the refresh token along, and leaves the access token its life', async () => {
    const of = await signIn();
    const ended = await as(of.customer, 'DELETE', `/auth/sessions/${await browserSession(of)}`);
    expect(ended.status).toBe(204);
    expect(await silently(of)).toBe('login_required');
    const refused = await post(client, 'token', refreshOf(app.id, of.tokens.refresh_token));
    expect(refused).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    expect((await listOrders(of.tokens)).status).toBe(200);
  });

  it('ended from the list leaves a grant with offline_access alone', async () => {
    const customer = await signUp(client);
    const visitor = new Visitor(client, customer);
    const offline = { scope: 'openid orders:read offline_access', prompt: 'consent' };
    const code = await visitor.codeFor(authorizationRequest(app.id, offline));
    const { json } = await post(client, 'token', exchangeOf(app.id, code));
    const of = { customer, visitor, tokens: json as Tokens };
    await as(customer, 'DELETE', `/auth/sessions/${await browserSession(of)}`);
    expect(await silently(of)).toBe('login_required');
    const refreshed = await post(client, 'token', refreshOf(app.id, of.tokens.refresh_token));
    expect((await listOrders(refreshed.json as Tokens)).status).toBe(200);
  });
});

describe('the list of sessions', () => {
  it('shows the browser and what each client was given', async () => {
    const of = await signIn();
    const { json } = await as(of.customer, 'GET', '/auth/sessions');
    const { items } = json as { readonly items: readonly { readonly id: string }[] };
    expect(items).toHaveLength(3);
    expect(items.map(({ id }) => id)).toContain(grantSession(of));
  });
});
