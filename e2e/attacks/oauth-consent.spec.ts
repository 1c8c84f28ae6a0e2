import { askAuthDatabase } from '../src/auth-database';
import type { Browser } from '../src/browser';
import { sharedCluster } from '../src/cluster-facts';
import { signInAs, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import {
  authorizationRequest,
  authorizePath,
  exchangeOf,
  post,
  Visitor,
} from '../src/oauth-requests';
import type { Parameters, Tokens } from '../src/oauth-requests';
import { PublicClient } from '../src/public-client';
import type { WireHeaders } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

needs('databases', 'seeded-accounts');

const client = new PublicClient();
const { gatewayUrl: origin } = sharedCluster();
/** Listed in CORS_ORIGINS, and no page of the authorization server. */
const SIBLING = 'https://app.localhost:8443';

type Page = Awaited<ReturnType<Browser['open']>>;

let app: RegisteredClient;
beforeAll(async () => {
  app = await registerClient();
});

async function visitor(): Promise<{ customer: Customer; visitor: Visitor }> {
  const customer = await signUp(client);
  return { customer, visitor: new Visitor(client, customer) };
}

/** A browser at the consent page of a new interaction. */
async function atConsent({ browser }: Visitor, { email, password }: Customer): Promise<Page> {
  const prompt = { prompt: 'consent' };
  const page = await browser.open(authorizePath(authorizationRequest(app.id, prompt)));
  return page.response.body.includes('/login"')
    ? browser.submit(page, '/login', { email, password })
    : page;
}

function formIn({ response }: Page, ending: string): string {
  const [, action = ''] = new RegExp(`action="([^"]*${ending})"`).exec(response.body) ?? [];
  return action;
}

const submit = (
  path: string,
  cookies: string,
  headers: WireHeaders,
  form: readonly (readonly [string, string])[] = [],
): Promise<PublicResponse> =>
  client.send({ method: 'POST', path, headers: [['Cookie', cookies], ...headers], form });

const OWN: WireHeaders = [['Origin', origin]];

const ELSEWHERE: readonly [what: string, headers: WireHeaders][] = [
  ['another site', [['Origin', 'https://attacker.example']]],
  [
    'a sibling that may call the API',
    [
      ['Origin', SIBLING],
      ['Sec-Fetch-Site', 'same-site'],
    ],
  ],
  ['a page without an origin', [['Origin', 'null']]],
  ['something that does not say', []],
  [
    'a page that a browser calls cross-site',
    [
      ['Origin', origin],
      ['Sec-Fetch-Site', 'cross-site'],
    ],
  ],
];

describe('consent is given by nobody else: refused is', () => {
  it.each(ELSEWHERE)('a form of %s', async (_, headers) => {
    const { customer, visitor: person } = await visitor();
    const path = formIn(await atConsent(person, customer), '/consent');
    const cookies = person.browser.cookiesFor(path);
    expect(await submit(path, cookies, headers)).toMatchObject({
      status: 403,
      problem: { code: 'cross_site_request' },
    });
    expect((await submit(path, cookies, OWN)).status).toBe(303);
  });

  it('a form of an interaction of another browser', async () => {
    const [one, other] = [await visitor(), await visitor()];
    const path = formIn(await atConsent(one.visitor, one.customer), '/consent');
    const otherPath = formIn(await atConsent(other.visitor, other.customer), '/consent');
    const others = other.visitor.browser.cookiesFor(otherPath);
    for (const cookies of ['', others]) {
      const refused = await submit(path, cookies, OWN);
      expect(refused.status).toBe(400);
      expect(refused.headers['content-type']).toMatch(/^text\/html/);
      expect(refused.headers.location).toBeUndefined();
    }
    expect((await submit(path, one.visitor.browser.cookiesFor(path), OWN)).status).toBe(303);
    expect((await submit(otherPath, others, OWN)).status).toBe(303);
  });

  it('a second interaction in the place of the one that was shown', async () => {
    const { customer, visitor: person } = await visitor();
    const shown = formIn(await atConsent(person, customer), '/consent');
    const second = formIn(await atConsent(person, customer), '/consent');
    expect(second).not.toBe(shown);
    const cookies = person.browser.cookiesFor(second);
    expect((await submit(shown, cookies, OWN)).status).toBe(400);
    expect((await submit(second, cookies, OWN)).status).toBe(303);
  });

  it('a form of somebody who has been signed out on the way', async () => {
    const { customer, visitor: person } = await visitor();
    const path = formIn(await atConsent(person, customer), '/consent');
    const { accessToken } = customer;
    await client.send({ method: 'POST', path: '/auth/logout-all', accessToken });
    expect((await submit(path, person.browser.cookiesFor(path), OWN)).status).toBe(400);
  });
});

/** Whether a request is answered without asking. */
async function isRemembered(
  { browser }: Visitor,
  clientId: string,
  changes: Parameters = {},
): Promise<boolean> {
  const { url } = await browser.open(authorizePath(authorizationRequest(clientId, changes)));
  return url.searchParams.has('code');
}

describe('what was allowed is asked again', () => {
  it.each<[what: string, changes: Parameters]>([
    ['for another scope', { scope: 'openid orders:read orders:write' }],
    ['when the client wants it', { prompt: 'consent' }],
    ['for access while nobody is there', { scope: 'openid offline_access', prompt: 'consent' }],
  ])('%s', async (_, changes) => {
    const { visitor: person } = await visitor();
    await person.codeFor(authorizationRequest(app.id));
    expect(await isRemembered(person, app.id, changes)).toBe(false);
    expect(await isRemembered(person, app.id)).toBe(true);
    expect(await isRemembered(person, app.id, { scope: 'openid' })).toBe(true);
  });

  it('by an application on the device, which anybody could be', async () => {
    const native = await registerClient({
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback', 'com.example.app:/callback'],
    });
    for (const redirect_uri of ['http://127.0.0.1:5000/callback', 'com.example.app:/callback']) {
      const { visitor: person } = await visitor();
      const changes = { redirect_uri };
      await person.codeFor(authorizationRequest(native.id, changes));
      expect(await isRemembered(person, native.id, changes)).toBe(false);
    }
  });

  it('after 90 days, in a browser of another day', async () => {
    const { customer, visitor: person } = await visitor();
    await person.codeFor(authorizationRequest(app.id));
    const age = (days: number) =>
      askAuthDatabase(
        sharedCluster(),
        `UPDATE oauth_consents SET given_at = now() - make_interval(days => $2) WHERE account_id = $1`,
        [customer.userId, days],
      );
    const { email, password } = customer;
    const onAnotherDay = async (): Promise<boolean> => {
      const { browser } = new Visitor(client, customer);
      const page = await browser.open(authorizePath(authorizationRequest(app.id)));
      const { url } = await browser.submit(page, '/login', { email, password });
      return url.searchParams.has('code');
    };
    await age(91);
    expect(await onAnotherDay()).toBe(false);
    await age(89);
    expect(await onAnotherDay()).toBe(true);
  });
});

describe('what somebody allowed', () => {
  async function allowed() {
    const { customer, visitor: person } = await visitor();
    const code = await person.codeFor(authorizationRequest(app.id));
    const { json } = await post(client, 'token', exchangeOf(app.id, code));
    return { customer, visitor: person, tokens: json as Tokens };
  }

  it('is shown and withdrawn to nobody who came by it', async () => {
    const { customer, tokens } = await allowed();
    for (const [method, path] of [
      ['GET', '/auth/consents'],
      ['DELETE', `/auth/consents/${app.id}`],
    ] as const) {
      const as = (accessToken: string) => client.send({ method, path, accessToken });
      expect(await as(tokens.access_token)).toMatchObject({
        status: 403,
        problem: { code: 'session_required' },
      });
      expect((await as(customer.accessToken)).status).toBeLessThan(300);
    }
  });

  it('is withdrawn by its owner alone', async () => {
    const [mine, stranger] = [await allowed(), await signUp(client)];
    const path = `/auth/consents/${app.id}`;
    const withdraw = (accessToken: string) => client.send({ method: 'DELETE', path, accessToken });
    expect(await withdraw(stranger.accessToken)).toMatchObject({
      status: 404,
      problem: { code: 'consent_not_found' },
    });
    expect(await isRemembered(mine.visitor, app.id)).toBe(true);
    expect((await withdraw(mine.customer.accessToken)).status).toBe(204);
    expect((await withdraw(mine.customer.accessToken)).status).toBe(404);
  });

  it('is withdrawn on the account page by a form of that page and browser', async () => {
    const [mine, other] = [await allowed(), await allowed()];
    const tokenOf = async ({ visitor: { browser } }: typeof mine): Promise<string> => {
      const { response } = await browser.open('/oauth2/account');
      return /name="form_token" value="([^"]+)"/.exec(response.body)?.[1] ?? '';
    };
    const path = '/oauth2/account/withdraw';
    const cookies = mine.visitor.browser.cookiesFor(path);
    const withdraw = (token: string, headers = OWN) =>
      submit(path, cookies, headers, [
        ['client_id', app.id],
        ['form_token', token],
      ]);
    const token = await tokenOf(mine);
    for (const [, headers] of ELSEWHERE) expect((await withdraw(token, headers)).status).toBe(403);
    for (const wrong of ['', 'a'.repeat(43), await tokenOf(other)]) {
      expect((await withdraw(wrong)).status).toBe(403);
    }
    expect((await submit(path, '', OWN, [['client_id', app.id]])).status).toBe(403);
    const listOrders = () =>
      client.send({ path: '/orders', accessToken: mine.tokens.access_token });
    expect((await listOrders()).status).toBe(200);

    const since = performance.now();
    expect((await withdraw(token)).headers.location).toBe('/oauth2/account?done=withdrawn');
    await refusalWithin(STATED_BOUND_MS, listOrders, since);
    const theirs = { path: '/orders', accessToken: other.tokens.access_token };
    expect((await client.send(theirs)).status).toBe(200);
  });

  it('names no scope that its account does not hold', async () => {
    const operator = await signInAs(client, 'operator@example.com');
    const { browser } = new Visitor(client, operator);
    const parameters = { scope: 'openid orders:read', prompt: 'consent' };
    const page = await browser.open(authorizePath(authorizationRequest(app.id, parameters)));
    const { email, password } = operator;
    const consent = await browser.submit(page, '/login', { email, password });
    expect(consent.response.body).toContain('Know which account is yours');
    expect(consent.response.body).not.toContain('See your orders');
    const { url } = await browser.submit(consent, '/consent');
    expect(url.searchParams.has('code')).toBe(true);
  });
});
