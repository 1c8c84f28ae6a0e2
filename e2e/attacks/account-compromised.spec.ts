import { randomBytes } from 'node:crypto';
import { makeApiKey, sendWithKey } from '../src/api-keys';
import { askAuthDatabase, liveSessions } from '../src/auth-database';
import { sharedCluster } from '../src/cluster-facts';
import { logIn, refresh, refreshTokenOf, signedIn, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { eventually } from '../src/eventually';
import { Evidence } from '../src/evidence';
import { confirmReset, mailsTo, noticeTo, resetMailFor, sayNotMe } from '../src/mails';
import { securedMailTo } from '../src/mails';
import { EVIDENCE, needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import { authorizationRequest, exchangeOf, post, refreshOf, Visitor } from '../src/oauth-requests';
import type { Tokens } from '../src/oauth-requests';
import { newOperator } from '../src/operators';
import {
  enrolPasskey,
  loginAssertion,
  passkeyLogin,
  secondFactorAssertion,
  verifyPasskey,
} from '../src/passkeys';
import { PublicClient } from '../src/public-client';
import type { WireHeaders } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectRefused } from '../src/refusal.expectations';
import { challengeFor, enrolTotp, verifyCode } from '../src/second-factors';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

needs(...EVIDENCE, 'databases', 'outbox');

const CHANGED = 'Your password was changed';

const facts = sharedCluster();
const client = new PublicClient();
const evidence = new Evidence();

const newPassword = (): string => randomBytes(18).toString('base64url');

const as = (
  { accessToken }: Pick<Customer, 'accessToken'>,
  method: string,
  path: string,
  json?: unknown,
): Promise<PublicResponse> =>
  client.send({ method, path, accessToken, ...(json !== undefined && { json }) });

/** Somebody whose password was changed, and whom a mail has told of it. */
interface Warned {
  readonly owner: Customer;
  /** Of the link in the mail. */
  readonly token: string;
}

async function newWarned(): Promise<Warned> {
  const customer = await signUp(client);
  const password = newPassword();
  const json = { currentPassword: customer.password, newPassword: password };
  const answer = await as(customer, 'POST', '/auth/password', json);
  const owner = signedIn(answer, { email: customer.email, password });
  return { owner, token: (await noticeTo(customer.email, CHANGED)).token };
}

/** What somebody who guesses can tell two answers apart by. */
function visible({ status, headers, body, correlationId }: PublicResponse, token = '') {
  // The page shows again what was typed.
  const length = Number(headers['content-length']) - token.length;
  const varying = { date: undefined, 'x-correlation-id': undefined, ratelimit: undefined };
  return {
    status,
    headers: { ...headers, ...varying, 'content-length': length },
    body: body.replace(correlationId, '').replace(`value="${token}"`, 'value=""'),
  };
}

async function operate(path: string, email: string): Promise<void> {
  const operator = await newOperator(client);
  const { status } = await as(operator, 'POST', path, { account: email });
  if (status !== 200) throw new Error(`expected 200, got ${status}`);
}

const digestOf = async ({ userId }: Customer): Promise<string> => {
  const [row] = await askAuthDatabase<{ readonly token_hash: Buffer }>(
    facts,
    'SELECT token_hash FROM not_me_links WHERE account_id = $1',
    [userId],
  );
  return row?.token_hash.toString('base64url') ?? '';
};

const isSignedIn = async ({ sessionId }: Customer): Promise<boolean> =>
  (await liveSessions(facts, [sessionId])).length > 0;

let app: RegisteredClient;
/** Asked for together: a mail takes a second. */
let warned: Warned[];
beforeAll(async () => {
  app = await registerClient();
  warned = await Promise.all(Array.from({ length: 22 }, newWarned));
});

function takeWarned(): Warned {
  const next = warned.pop();
  if (next === undefined) throw new Error('there are more cases than people');
  return next;
}

describe('a link that does not work', () => {
  it.each<
    readonly [
      what: string,
      reason: string,
      presented: (token: string, owner: Customer) => Promise<string> | string,
    ]
  >([
    ['is made up', 'not_me_link_unknown', () => randomBytes(32).toString('base64url')],
    ['is half of one', 'not_me_link_unknown', (token) => token.slice(0, 42)],
    ['is one and more', 'not_me_link_unknown', (token) => `${token}A`],
    ['is what the database holds of it', 'not_me_link_unknown', (_, owner) => digestOf(owner)],
    ['is another secret of the owner', 'not_me_link_unknown', (_, owner) => refreshTokenOf(owner)],
    [
      'is one for a new password',
      'not_me_link_unknown',
      async (_, { email }) => (await resetMailFor(client, email)).token,
    ],
    [
      'was used',
      'not_me_link_used',
      async (token) => {
        await sayNotMe(client, token);
        return token;
      },
    ],
    [
      'is of an account that was secured in another way',
      'not_me_link_superseded',
      async (token, owner) => {
        await as(owner, 'POST', '/auth/compromised');
        return token;
      },
    ],
    [
      'has run out',
      'not_me_link_expired',
      async (token, { userId }) => {
        const sql = 'UPDATE not_me_links SET expires_at = now() WHERE account_id = $1';
        await askAuthDatabase(facts, sql, [userId]);
        return token;
      },
    ],
    [
      'is of an account that was locked',
      'account_locked',
      async (token, { email }) => {
        await operate('/admin/accounts/lock', email);
        return token;
      },
    ],
    [
      'is of an account that is gone',
      'not_me_link_unknown',
      async (token, { email }) => {
        await operate('/admin/accounts/delete', email);
        return token;
      },
    ],
  ])('because it %s gets the one refusal there is', async (_what, reason, presented) => {
    const { owner, token } = takeWarned();
    const other = await sayNotMe(client, 'made-up');
    const used = await presented(token, owner);

    const answer = await sayNotMe(client, used);

    expect(answer.status).toBe(400);
    expect(visible(answer, used)).toEqual(visible(other, 'made-up'));
    const { correlationId } = answer;
    const { securityEvents } = await evidence.of(
      { correlationId },
      (traces) => traces.securityEvents.length > 0,
    );
    expect(securityEvents).toEqual([expect.objectContaining({ outcome: 'refused', reason })]);
  });

  it.each(['GET', 'POST'])('is one in a URL: %s', async (method) => {
    const { owner, token } = takeWarned();
    const path = `/auth/not-me?token=${token}`;
    const answer = await client.send({ method, path, ...(method === 'POST' && { form: [] }) });
    await expectRefused(answer, { evidence, status: 400, code: 'credential_in_url' });
    expect(await isSignedIn(owner)).toBe(true);
    expect((await sayNotMe(client, token)).status).toBe(200);
    expect(await isSignedIn(owner)).toBe(false);
  });
});

describe('a link', () => {
  it('does nothing by being opened, as what scans mail does', async () => {
    const { owner, token } = takeWarned();
    for (const method of ['HEAD', 'GET', 'OPTIONS']) {
      await client.send({ method, path: '/auth/not-me' });
    }
    expect(await isSignedIn(owner)).toBe(true);
    expect((await sayNotMe(client, token)).status).toBe(200);
  });

  it('works once, of many uses at the same moment', async () => {
    const { owner, token } = takeWarned();
    const answers = await Promise.all(Array.from({ length: 8 }, () => sayNotMe(client, token)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array<number>(7).fill(400)]);
    await securedMailTo(owner.email);
    expect(mailsTo(owner.email).filter((mail) => mail.includes('was secured'))).toHaveLength(1);
  });

  it('leaves second factors that were there before: mail alone gets nobody past them', async () => {
    const customer = await signUp(client);
    const enrolled = await enrolTotp(client, customer);
    const [code = ''] = enrolled.recoveryCodes;
    const challenge = await challengeFor(client, enrolled);
    await verifyCode(client, challenge, code, { method: 'recovery_code' });
    const { token } = await noticeTo(customer.email, 'A recovery code was used');

    expect((await sayNotMe(client, token)).status).toBe(200);

    const password = newPassword();
    const reset = (await securedMailTo(customer.email)).token;
    expect((await confirmReset(client, reset, password)).status).toBe(204);
    await expect(challengeFor(client, { ...customer, password })).resolves.toBeDefined();
  });

  it('takes the second factor away that somebody else has set up', async () => {
    const { owner } = takeWarned();
    await enrolTotp(client, owner);
    const { token } = await noticeTo(owner.email, 'A second factor is in use');

    expect((await sayNotMe(client, token)).status).toBe(200);

    const password = newPassword();
    const { mail, token: reset } = await securedMailTo(owner.email);
    expect(mail).toContain('second factors that had been put in use meanwhile were removed');
    expect((await confirmReset(client, reset, password)).status).toBe(204);
    const login = { method: 'POST', path: '/auth/login' } as const;
    const { email } = owner;
    expect((await client.send({ ...login, json: { email, password } })).status).toBe(200);
  });
});

describe('when an account was secured', () => {
  /** All that an account can have given out; each request works before. */
  async function everythingOf(owner: Customer) {
    const visitor = new Visitor(client, owner);
    const code = await visitor.codeFor(authorizationRequest(app.id));
    const tokens = (await post(client, 'token', exchangeOf(app.id, code))).json as Tokens;
    const key = await makeApiKey(client, owner);
    const orders = (accessToken: string) => client.send({ path: '/orders', accessToken });
    const uses = {
      'an access token': () => orders(owner.accessToken),
      'an access token of an application': () => orders(tokens.access_token),
      'an API key': () => sendWithKey(client, key),
    };
    return { visitor, tokens, uses };
  }

  const WAYS: readonly [
    way: string,
    secure: (of: Warned) => Promise<PublicResponse>,
    status: number,
  ][] = [
    ['by the link of a notice', ({ token }) => sayNotMe(client, token), 200],
    ['in a session', ({ owner }) => as(owner, 'POST', '/auth/compromised'), 204],
  ];

  it.each(WAYS)('%s, nothing works that it has given out', async (_way, secure, status) => {
    const someone = takeWarned();
    const { owner } = someone;
    const { visitor, tokens, uses } = await everythingOf(owner);
    for (const [what, use] of Object.entries(uses)) {
      expect([what, (await use()).status]).toEqual([what, 200]);
    }
    const account = await visitor.browser.open('/oauth2/account');
    expect(account.response.body).toContain('Where you are signed in');

    const since = performance.now();
    expect((await secure(someone)).status).toBe(status);

    for (const [what, use] of Object.entries(uses)) {
      const { response } = await refusalWithin(STATED_BOUND_MS, use, since);
      expect([what, response.status]).toEqual([what, 401]);
    }
    expect((await refresh(client, owner)).status).toBe(401);
    const renewed = await post(client, 'token', refreshOf(app.id, tokens.refresh_token));
    expect(renewed).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    const after = await visitor.browser.open('/oauth2/account');
    expect(after.response.body).not.toContain('Where you are signed in');
  });

  it('its password is answered as a wrong one is, and cannot be chosen again', async () => {
    const { owner, token } = takeWarned();
    const { email, password } = owner;
    const login = (tried: string) =>
      client.send({ method: 'POST', path: '/auth/login', json: { email, password: tried } });
    const wrong = await login(newPassword());
    expect((await login(password)).status).toBe(200);
    expect((await sayNotMe(client, token)).status).toBe(200);

    const answer = await login(password);

    expect(answer).toMatchObject({ status: 401, json: { code: 'invalid_credentials' } });
    expect(visible(answer)).toEqual(visible(wrong));
    const reset = (await securedMailTo(email)).token;
    expect(await confirmReset(client, reset, password)).toMatchObject({
      ...{ status: 400, json: { code: 'password_compromised' } },
    });
    const chosen = newPassword();
    expect((await confirmReset(client, reset, chosen)).status).toBe(204);
    expect((await login(password)).status).toBe(401);
    expect((await login(chosen)).status).toBe(200);
  });
});

describe('a passkey that somebody else has added', () => {
  it('is no way back in: neither before there is a new password nor past it', async () => {
    const customer = await signUp(client);
    const owner = await enrolTotp(client, customer);
    const thief = await enrolPasskey(client, { ...customer, ...owner });
    const alone = async () => passkeyLogin(client, await loginAssertion(client, thief));
    expect((await alone()).status).toBe(200);

    expect((await as(owner, 'POST', '/auth/compromised')).status).toBe(204);

    expect(await alone()).toMatchObject({ status: 401, json: { code: 'mfa_refused' } });
    const password = newPassword();
    const reset = (await securedMailTo(customer.email)).token;
    expect((await confirmReset(client, reset, password)).status).toBe(204);
    expect(await alone()).toMatchObject({ status: 401, json: { code: 'mfa_refused' } });
    // Its owner has the password, and by that the passkey again.
    const renewed = { ...thief, password };
    const { mfaToken, credential } = await secondFactorAssertion(client, renewed);
    const back = signedIn(await verifyPasskey(client, mfaToken, credential), renewed);
    expect((await alone()).status).toBe(200);
    await eventually(
      async () => (await as(back, 'GET', '/auth/security/events')).body,
      (told) => told.includes('"passkey_logged_in"') && told.includes('"passkey_needs_password"'),
    );
  });
});

describe('what happened to an account', () => {
  interface Events {
    readonly items: readonly { readonly reason: string; readonly from: string | null }[];
    readonly nextCursor: string | null;
  }

  const eventsOf = async (owner: Customer, query = ''): Promise<Events> =>
    (await as(owner, 'GET', `/auth/security/events${query}`)).json as Events;

  it('is told to its owner: what they did, and what was tried on them', async () => {
    const owner = await signUp(client);
    const json = { email: owner.email, password: newPassword() };
    await client.send({ method: 'POST', path: '/auth/login', json });
    const events = await eventually(
      () => eventsOf(owner),
      ({ items }) => items.some(({ reason }) => reason === 'invalid_credentials'),
    );
    expect(events.items.map(({ reason }) => reason)).toEqual([
      'invalid_credentials',
      'account_registered',
    ]);
    const overview = (await as(owner, 'GET', '/auth/security')).json;
    expect(overview).toMatchObject({
      ...{ factors: [], recoveryCodesLeft: 0, passwordChangedAt: expect.any(String) as string },
      sessions: [expect.objectContaining({ id: owner.sessionId, current: true })],
      recentEvents: events,
    });
  });

  it('names no operator, and nobody else', async () => {
    const [operator, owner] = await Promise.all([newOperator(client), signUp(client)]);
    const json = { account: owner.email };
    await as(operator, 'POST', '/admin/accounts/lock', json);
    await as(operator, 'POST', '/admin/accounts/unlock', json);
    const back = await logIn(client, owner);
    const { items } = await eventually(
      () => eventsOf(back),
      (found) => found.items.some(({ reason }) => reason === 'account_unlocked'),
    );
    expect(items).toContainEqual(
      expect.objectContaining({ reason: 'account_locked', byOperator: true, from: null }),
    );
    expect(JSON.stringify(items)).not.toContain(operator.userId);
    const ofOperator = await eventsOf(operator);
    expect(ofOperator.items.map(({ reason }) => reason)).not.toContain('account_locked');
  });

  it.each<readonly [string, (cursor: string) => string]>([
    ['of somebody else', (cursor) => cursor],
    ['made up', () => `.${'A'.repeat(30)}`],
    ['that is a number', () => '17'],
  ])('is not told by a cursor %s', async (_whose, presented) => {
    const owner = await signUp(client);
    const somebody = takeWarned().owner;
    const { nextCursor } = await eventually(
      () => eventsOf(somebody, '?limit=1'),
      (found) => found.nextCursor !== null,
    );
    const query = `?cursor=${encodeURIComponent(presented(nextCursor ?? ''))}`;

    const answer = await as(owner, 'GET', `/auth/security/events${query}`);

    expect(answer).toMatchObject({ status: 400, json: { code: 'page_token_invalid' } });
    const own = await eventsOf(somebody, `?limit=1&cursor=${encodeURIComponent(nextCursor ?? '')}`);
    expect(own.items).toHaveLength(1);
  });

  it.each(['/auth/security', '/auth/security/events'])(
    'is told to no API key, no application and nobody: %s',
    async (path) => {
      const owner = await signUp(client);
      const key = await makeApiKey(client, owner);
      const visitor = new Visitor(client, owner);
      const code = await visitor.codeFor(authorizationRequest(app.id));
      const { json } = await post(client, 'token', exchangeOf(app.id, code));
      const { access_token: accessToken } = json as Tokens;
      expect((await as(owner, 'GET', path)).status).toBe(200);

      const byKey = await sendWithKey(client, key, { path });
      expect(byKey).toMatchObject({ status: 403, json: { code: 'session_required' } });
      const byApp = await client.send({ path, accessToken });
      expect(byApp).toMatchObject({ status: 403, json: { code: 'session_required' } });
      expect((await client.send({ path })).status).toBe(401);
    },
  );
});

describe('the button', () => {
  const FOREIGN: WireHeaders = [['Origin', 'https://evil.example']];

  it('is not pressed by a page of another site, nor without a session or by a key', async () => {
    const owner = await signUp(client);
    const key = await makeApiKey(client, owner);
    const press = { method: 'POST', path: '/auth/compromised' } as const;
    const { accessToken } = owner;

    const crossSite = await client.send({ ...press, accessToken, headers: FOREIGN });
    await expectRefused(crossSite, { evidence, status: 403, code: 'cross_site_request' });
    expect((await client.send(press)).status).toBe(401);
    expect((await sendWithKey(client, key, press)).status).toBe(403);
    expect(await isSignedIn(owner)).toBe(true);

    expect((await client.send({ ...press, accessToken })).status).toBe(204);
    expect(await isSignedIn(owner)).toBe(false);
    const again = () => client.send({ ...press, accessToken });
    const { response } = await refusalWithin(STATED_BOUND_MS, again, performance.now());
    expect(response.status).toBe(401);
    await securedMailTo(owner.email);
    expect(mailsTo(owner.email)).toHaveLength(1);
  });

  it('of the account page works however many sessions a thief has opened', async () => {
    const owner = await signUp(client);
    const visitor = new Visitor(client, owner);
    await visitor.codeFor(authorizationRequest(app.id));
    const sql = `INSERT INTO sessions (account_id, current_token, acr, amr, authenticated_at,
        created_at, last_used_at, expires_at, signing_keys)
      SELECT account_id, sha256(('thief ' || id || ' ' || number)::bytea), acr, amr,
        authenticated_at, created_at, now() + interval '1 minute', expires_at, signing_keys
      FROM sessions, generate_series(1, 120) AS number WHERE id = $1`;
    await askAuthDatabase(facts, sql, [owner.sessionId]);
    const page = await visitor.browser.open('/oauth2/account');
    const [, form_token = ''] = /name="form_token" value="([^"]+)"/.exec(page.response.body) ?? [];

    const done = await visitor.browser.submit(page, '/compromised', { form_token });

    expect(done.response.body).toContain('Your account is secured');
    expect(await isSignedIn(owner)).toBe(false);
  });

  it('of the account page is not pressed by a form from elsewhere, or of another browser', async () => {
    const owner = await signUp(client);
    const visitor = new Visitor(client, owner);
    await visitor.codeFor(authorizationRequest(app.id));
    const page = await visitor.browser.open('/oauth2/account');
    const [, form_token = ''] = /name="form_token" value="([^"]+)"/.exec(page.response.body) ?? [];
    const path = '/oauth2/account/compromised';
    const cookie: WireHeaders = [['Cookie', visitor.browser.cookiesFor(path)]];
    const post = (headers: WireHeaders, form: readonly (readonly [string, string])[]) =>
      client.send({ method: 'POST', path, headers: [...cookie, ...headers], form });

    const crossSite = await post(FOREIGN, [['form_token', form_token]]);
    await expectRefused(crossSite, { evidence, status: 403, code: 'cross_site_request' });
    const ownOrigin: WireHeaders = [['Origin', facts.gatewayUrl]];
    for (const forged of ['', 'A'.repeat(form_token.length)]) {
      expect((await post(ownOrigin, [['form_token', forged]])).status).toBe(403);
    }
    expect(await isSignedIn(owner)).toBe(true);

    const done = await visitor.browser.submit(page, '/compromised', { form_token });
    expect(done.response.body).toContain('Your account is secured');
    expect(await isSignedIn(owner)).toBe(false);
  });
});
