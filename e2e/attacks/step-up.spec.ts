import { tokenSaying } from '../src/aged-tokens';
import { makeApiKey, sendWithKey } from '../src/api-keys';
import { askAuthDatabase } from '../src/auth-database';
import { Browser } from '../src/browser';
import { sharedCluster } from '../src/cluster-facts';
import { partsOf } from '../src/compact-jws';
import { logIn, placeOrder, refresh, renew, signUp } from '../src/customers';
import type { Customer, PlacedOrder } from '../src/customers';
import { eventually } from '../src/eventually';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectRefused } from '../src/refusal.expectations';
import { askMfa, enrolTotp, signUpWithApp, stepUp, totpCode } from '../src/second-factors';
import type { EnrolledCustomer } from '../src/second-factors';
import { rememberSecret } from '../src/secrets-in-use';

needs(...EVIDENCE, 'databases', 'key-encryption-key');

const PASSWORD = 'urn:sallyport:acr:password';
const MFA = 'urn:sallyport:acr:mfa';
const CODE = 'insufficient_user_authentication';

const client = new PublicClient();
const evidence = new Evidence();

const now = () => Math.floor(Date.now() / 1000);
const claimsOf = (accessToken: string) => partsOf(accessToken).payload;
const tokenOf = (answer: PublicResponse): string =>
  String((answer.json as { readonly access_token?: string }).access_token);

/** Has the session say that its owner authenticated so long ago, and its next tokens with it. */
async function age<Someone extends Customer>(someone: Someone, seconds: number): Promise<Someone> {
  await askAuthDatabase(
    sharedCluster(),
    `UPDATE sessions SET authenticated_at = authenticated_at - $1 * interval '1 second' WHERE id = $2`,
    [seconds, someone.sessionId],
  );
  return { ...someone, ...(await renew(client, someone)) };
}

describe('what takes a strong authentication', () => {
  let ada: EnrolledCustomer;
  let order: PlacedOrder;
  beforeAll(async () => {
    ada = await signUpWithApp(client);
    order = await placeOrder(client, ada);
  });

  const refund = (accessToken: string, headers: readonly (readonly [string, string])[] = []) =>
    client.send({
      method: 'POST',
      path: `/invoices/${order.invoiceId ?? ''}/refund`,
      accessToken,
      headers: [...headers],
    });

  it.each<[string, () => Readonly<Record<string, unknown>>]>([
    ['an authentication of too long ago', () => ({ auth_time: now() - 310 })],
    ['an authentication of the day before', () => ({ auth_time: now() - 86_400 })],
    ['one that says of no time', () => ({ auth_time: undefined })],
    ['one of the epoch', () => ({ auth_time: 0 })],
    ['a weaker one', () => ({ acr: PASSWORD })],
    ['one that says of no class', () => ({ acr: undefined })],
    ['one of a class nobody knows', () => ({ acr: `${MFA}:plus` })],
    ['one of the class in other letters', () => ({ acr: MFA.toUpperCase() })],
    [
      'one that calls its methods two, and its class a password',
      () => ({
        ...{ acr: PASSWORD, amr: ['pwd', 'otp', 'mfa'] },
      }),
    ],
  ])('does not go on after %s', async (_name, claims) => {
    const answer = await refund(await tokenSaying(ada, claims()));

    await expectRefused(answer, {
      ...{ evidence, status: 401, code: CODE },
      members: { acr_values: MFA, max_age: 300 },
    });
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer realm="sallyport", error="${CODE}", error_description="The user has to authenticate again, or more strongly", acr_values="${MFA}", max_age="300"`,
    );
  });

  it('does not believe a token of an authentication that lies ahead', async () => {
    const answer = await refund(await tokenSaying(ada, { auth_time: now() + 120 }));
    const reason = 'token_not_yet_valid';
    await expectRefused(answer, { evidence, status: 401, code: 'invalid_token', reason });
  });

  it.each([
    ['x-auth-acr', MFA],
    ['x-auth-time', '4102444800'],
    ['X_Auth_Acr', MFA],
  ])('does not believe %s of a client', async (name, value) => {
    const old = await tokenSaying(ada, { auth_time: now() - 310, acr: PASSWORD });
    const answer = await refund(old, [[name, value]]);
    await expectRefused(answer, { evidence, status: 400, code: 'identity_header_spoofed' });
  });

  it.each([
    ['acr_values', MFA],
    ['max_age', '86400'],
  ])('is not talked out of it by the query %s', async (name, value) => {
    const answer = await client.send({
      method: 'POST',
      path: `/invoices/${order.invoiceId ?? ''}/refund?${name}=${encodeURIComponent(value)}`,
      accessToken: await tokenSaying(ada, { auth_time: now() - 310 }),
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).not.toBe(404);
  });

  it('is not for an API key, which has nobody to ask', async () => {
    const key = await makeApiKey(client, ada, { scopes: ['billing:refund'] });
    const path = `/invoices/${order.invoiceId ?? ''}/refund`;
    const answer = await sendWithKey(client, key, { method: 'POST', path });

    const handled = ['sallyport.apikeys.v1.ApiKeyService/ResolveApiKey'];
    await expectRefused(answer, { evidence, status: 403, code: 'user_not_present', handled });
    expect(answer.headers['www-authenticate']).toBeUndefined();
  });

  it('is not for a client on its own', async () => {
    const app = await registerClient({
      ...{ grant_types: ['client_credentials'], redirect_uris: [], post_logout_redirect_uris: [] },
      ...{ response_types: [], token_endpoint_auth_method: 'client_secret_basic' },
    });
    const basic = Buffer.from(`${app.id}:${app.secret ?? ''}`).toString('base64');
    rememberSecret(basic);
    const issued = await client.send({
      method: 'POST',
      path: '/oauth2/token',
      headers: [['Authorization', `Basic ${basic}`]],
      form: [
        ['grant_type', 'client_credentials'],
        ['scope', 'billing:refund'],
      ],
    });
    const answer = await refund(tokenOf(issued));
    await expectRefused(answer, { evidence, status: 403, code: 'user_not_present' });
    expect(answer.headers['www-authenticate']).toBeUndefined();
  });

  it('asks for the scope first, which no step-up gives', async () => {
    const answer = await refund(await tokenSaying(ada, { scope: 'orders:read', auth_time: 0 }));
    await expectRefused(answer, { evidence, status: 403, code: 'insufficient_scope' });
  });

  it('goes on after a step-up', async () => {
    const old = await age(ada, 310);
    expect((await refund(old.accessToken)).problem).toMatchObject({ status: 401, code: CODE });
    const stepped = await stepUp(client, old, { code: await totpCode(ada.secret) });
    const handled = [
      'POST /invoices/:id/refund',
      'sallyport.billing.v1.BillingService/RefundInvoice',
    ];
    await expectPassed(await refund(tokenOf(stepped)), { evidence, handled });
  });
});

describe('a session of some time ago', () => {
  it.each<[string, string, string, unknown]>([
    ['makes no API key', 'POST', '/api-keys', { name: 'a', scopes: ['orders:read'] }],
    ['changes no password', 'POST', '/auth/password', undefined],
    ['begins no enrolment', 'POST', '/auth/mfa/totp', undefined],
    ['confirms none', 'POST', '/auth/mfa/totp/confirm', { code: '000000' }],
    ['removes no app', 'DELETE', '/auth/mfa/totp', {}],
    ['gets no recovery codes', 'POST', '/auth/mfa/recovery-codes', undefined],
    ['ends no other sessions', 'DELETE', '/auth/sessions', undefined],
    ['ends not all sessions', 'POST', '/auth/logout-all', undefined],
  ])('%s: %s %s', async (_name, method, path, json) => {
    const ada = await signUp(client);
    const body = json === undefined ? {} : { json };
    const accessToken = await tokenSaying(ada, { auth_time: now() - 310 });
    const answer = await client.send({ method, path, accessToken, ...body });

    await expectRefused(answer, {
      ...{ evidence, status: 401, code: CODE },
      members: { acr_values: PASSWORD, max_age: 300 },
    });
    const recent = await client.send({ method, path, accessToken: ada.accessToken, ...body });
    expect(recent.problem?.code).not.toBe(CODE);
  });

  it('is not made a recent one by a refresh', async () => {
    const ada = await age(await signUp(client), 310);
    expect(claimsOf(ada.accessToken)['auth_time']).toBeLessThan(now() - 300);
    const answer = await askMfa(client, ada, 'POST', '/totp');
    expect(answer.problem).toMatchObject({ status: 401, code: CODE });
  });

  it('is not made a recent one by a new password', async () => {
    const ada = await signUp(client);
    await age(ada, 200);
    const { accessToken, password } = ada;
    const json = { currentPassword: password, newPassword: password };
    const answer = await client.send({ method: 'POST', path: '/auth/password', accessToken, json });
    expect(claimsOf(tokenOf(answer))['auth_time']).toBeLessThan(now() - 190);
  });
});

describe('the account page', () => {
  it('has somebody sign in again who signed in some time ago, before it ends a session', async () => {
    const bob = await signUp(client);
    const browser = new Browser(client);
    const { email, password } = bob;
    const signIn = () =>
      browser
        .open('/oauth2/account')
        .then((page) => browser.submit(page, '/login', { email, password }));
    const end = async (page: Awaited<ReturnType<Browser['open']>>) => {
      const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(page.response.body) ?? [];
      return browser.submit(page, '/end', { session_id: bob.sessionId, form_token: token });
    };
    const account = await signIn();
    await askAuthDatabase(
      sharedCluster(),
      `UPDATE oauth_artifacts SET payload = jsonb_set(payload, '{loginTs}', to_jsonb($1::integer))
       WHERE kind = 'Session' AND payload->>'accountId' = $2`,
      [now() - 310, bob.userId],
    );
    const refused = await end(account);
    expect(refused.response.status).toBe(403);
    expect(refused.response.body).toContain('Sign in again, and repeat it.');
    const other = await renew(client, bob);

    const again = await browser.submit(refused, '/login', { email, password });
    const ended = await end(again);
    expect(ended.url.searchParams.get('done')).toBe('ended');
    expect((await refresh(client, other)).problem).toMatchObject({ code: 'invalid_grant' });
  });
});

describe('a step-up', () => {
  let ada: EnrolledCustomer;
  beforeAll(async () => {
    ada = await signUpWithApp(client);
  });

  it.each<[string, string, (other: EnrolledCustomer) => Promise<object>]>([
    [
      'a wrong password',
      'invalid_credentials',
      async () => ({
        ...{ password: 'a wrong password', code: await totpCode(ada.secret) },
      }),
    ],
    ['the password alone', 'mfa_refused', async () => ({})],
    ['a wrong code', 'mfa_refused', async () => ({ code: '000000' })],
    ['a code of the past', 'mfa_refused', async () => ({ code: await totpCode(ada.secret, -3) })],
    [
      'the code of somebody else',
      'mfa_refused',
      async (eve) => ({
        code: await totpCode(eve.secret),
      }),
    ],
    [
      'a recovery code of somebody else',
      'mfa_refused',
      async (eve) => ({
        ...{ method: 'recovery_code', code: eve.recoveryCodes[0] },
      }),
    ],
  ])('is refused for %s, and renews nothing', async (_name, code, proofOf) => {
    const eve = await enrolTotp(client, await signUp(client));
    const answer = await stepUp(client, ada, await proofOf(eve));
    expect(answer.problem).toMatchObject({ status: 401, code });
    expect(answer.headers['set-cookie']).toBeUndefined();
    const before = claimsOf(ada.accessToken)['auth_time'];
    ada = { ...ada, ...(await renew(client, ada)) };
    expect(claimsOf(ada.accessToken)['auth_time']).toBe(before);
  });

  it('is for nobody without a session', async () => {
    const json = { password: ada.password };
    const answer = await client.send({ method: 'POST', path: '/auth/step-up', json });
    await expectRefused(answer, { evidence, status: 401, code: 'credential_missing' });
  });

  it('is not for an API key of the owner', async () => {
    const key = await makeApiKey(client, ada);
    const json = { password: ada.password, code: '000000' };
    const request = { method: 'POST', path: '/auth/step-up', json };
    const answer = await sendWithKey(client, key, request);
    expect(answer.problem).toMatchObject({ status: 403, code: 'session_required' });
  });

  it('is refused to a page of another origin', async () => {
    const answer = await client.send({
      ...{ method: 'POST', path: '/auth/step-up', accessToken: ada.accessToken },
      headers: [['Origin', 'https://evil.example']],
      json: { password: ada.password, code: '000000' },
    });
    await expectRefused(answer, { evidence, status: 403, code: 'cross_site_request' });
  });

  it('takes a recovery code once', async () => {
    const proof = { method: 'recovery_code', code: ada.recoveryCodes[1] };
    expect((await stepUp(client, ada, proof)).status).toBe(200);
    const again = await stepUp(client, ada, proof);
    expect(again.problem).toMatchObject({ status: 401, code: 'mfa_refused' });
  });

  it('takes a code once, of all that come at the same moment', async () => {
    const eve = await signUpWithApp(client);
    const code = await totpCode(eve.secret);
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => stepUp(client, eve, { code })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    const later = await stepUp(client, eve, { code });
    expect(later.problem).toMatchObject({ status: 401, code: 'mfa_refused' });
  });

  it('takes no code that has signed in', async () => {
    const eve = await signUpWithApp(client);
    const code = await totpCode(eve.secret);
    expect((await stepUp(client, eve, { code })).status).toBe(200);
    const { email, password } = eve;
    const login = await client.send({
      ...{ method: 'POST', path: '/auth/login', json: { email, password } },
    });
    const { mfaToken } = login.json as { readonly mfaToken: string };
    const json = { mfaToken, method: 'totp', code };
    const entered = await client.send({ method: 'POST', path: '/auth/mfa/verify', json });
    expect(entered.problem).toMatchObject({ status: 401, code: 'mfa_refused' });
  });

  it('is refused in a session that has ended', async () => {
    const bob = await signUp(client);
    const other = await logIn(client, bob);
    await client.send({ method: 'DELETE', path: '/auth/sessions', accessToken: other.accessToken });
    const answer = await stepUp(client, bob);
    expect(answer.problem).toMatchObject({ status: 401 });
    expect(['invalid_token', 'session_ended']).toContain(answer.problem?.code);
    expect((await stepUp(client, other)).status).toBe(200);
  });

  it('neither makes the session live longer nor replaces its refresh token', async () => {
    const bob = await signUp(client);
    const ends = () =>
      askAuthDatabase(sharedCluster(), 'SELECT expires_at FROM sessions WHERE id = $1', [
        bob.sessionId,
      ]);
    const before = await ends();
    const aged = await age(bob, 310);
    const stepped = await stepUp(client, aged);
    expect(stepped.headers['set-cookie']).toBeUndefined();
    expect(await ends()).toEqual(before);
    const refreshed = await refresh(client, aged);
    expect(claimsOf(tokenOf(refreshed))['auth_time']).toBe(claimsOf(tokenOf(stepped))['auth_time']);
  });

  it('makes no session a strong one by a password', async () => {
    const bob = await signUp(client);
    const stepped = await stepUp(client, bob, { code: '123456' });
    expect(claimsOf(tokenOf(stepped))).toMatchObject({ acr: PASSWORD, amr: ['pwd'] });
  });

  it('is no licence to guess: codes are counted as those of a sign-in', async () => {
    const eve = await signUpWithApp(client);
    const guesses = await Promise.all(
      Array.from({ length: 10 }, () => stepUp(client, eve, { code: 'wrong' })),
    );
    const refused = guesses.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(4);
    for (const { problem } of refused) expect(problem?.code).toBe('too_many_attempts');
    const later = await eventually(
      async () => stepUp(client, eve, { code: await totpCode(eve.secret) }),
      ({ status }) => status !== 429,
    );
    expect(later.status).toBe(200);
  });
});
