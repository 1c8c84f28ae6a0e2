import * as openid from 'openid-client';
import { Browser } from '../src/browser';
import { sharedCluster } from '../src/cluster-facts';
import { partsOf } from '../src/compact-jws';
import { renew, signedIn, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { eventually } from '../src/eventually';
import { mailsTo } from '../src/mails';
import { needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import { discoverAs } from '../src/oauth-sign-in';
import { PublicClient } from '../src/public-client';
import {
  askMfa,
  challengeFor,
  enrolTotp,
  stepUp,
  totpCode,
  verifyCode,
} from '../src/second-factors';
import type { EnrolledCustomer } from '../src/second-factors';

needs('databases', 'outbox');

const REDIRECT_URI = 'https://app.example/callback';
const MFA = 'urn:sallyport:acr:mfa';

const client = new PublicClient();

const authenticationOf = ({ accessToken }: Pick<Customer, 'accessToken'>) => {
  const { acr, amr } = partsOf(accessToken).payload;
  return { acr, amr };
};

const acrOf = async ({ accessToken }: Pick<Customer, 'accessToken'>): Promise<unknown> => {
  const { json } = await client.send({ path: '/auth/me', accessToken });
  return (json as { readonly session: { readonly acr?: string } }).session.acr;
};

describe('somebody with an authenticator app', () => {
  let ada: EnrolledCustomer;

  beforeAll(async () => {
    ada = await enrolTotp(client, await signUp(client));
  });

  it('has begun with a key to scan or to type', async () => {
    const eve = await signUp(client);
    const { password, email } = eve;
    const answer = await askMfa(client, eve, 'POST', '/totp', { password });
    expect(answer.headers['cache-control']).toBe('no-store');
    const { secret, uri, qrSvg } = answer.json as Readonly<Record<string, string>>;
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    const parsed = new URL(uri ?? '');
    expect(decodeURIComponent(parsed.pathname)).toBe(`/Sallyport:${email}`);
    expect(parsed.searchParams.get('secret')).toBe(secret);
    expect(qrSvg).toMatch(/^<svg /);
  });

  it('goes on where it was confirmed, with tokens that say so', async () => {
    expect(authenticationOf(ada)).toEqual({ acr: 'urn:sallyport:acr:password', amr: ['pwd'] });
    const next = await renew(client, ada);
    expect(authenticationOf(next)).toEqual({ acr: MFA, amr: ['pwd', 'otp', 'mfa'] });
    ada = { ...ada, ...next };
  });

  it('signs in with a code, which every token of the session tells', async () => {
    const answer = await verifyCode(
      client,
      await challengeFor(client, ada),
      await totpCode(ada.secret),
    );
    const session = signedIn(answer, ada);
    expect(authenticationOf(session)).toEqual({ acr: MFA, amr: ['pwd', 'otp', 'mfa'] });
    expect(await acrOf(session)).toBe(MFA);
    const next = await renew(client, session);
    expect(authenticationOf(next)).toEqual({ acr: MFA, amr: ['pwd', 'otp', 'mfa'] });
    const orders = await client.send({ path: '/orders', accessToken: next.accessToken });
    expect(orders.status).toBe(200);
  });

  it('signs in with a recovery code instead, typed as people do', async () => {
    const code = ` ${ada.recoveryCodes[0]?.toLowerCase().replaceAll('-', ' ') ?? ''}`;
    const method = 'recovery_code';
    const answer = await verifyCode(client, await challengeFor(client, ada), code, { method });
    const session = signedIn(answer, ada);
    expect(authenticationOf(session)).toEqual({ acr: MFA, amr: ['pwd', 'mfa'] });
    const listed = await askMfa(client, session, 'GET');
    expect(listed.json).toEqual({
      factors: [
        { id: expect.any(String), type: 'totp', enrolledAt: expect.stringMatching(/^\d{4}-/) },
      ],
      recoveryCodesLeft: 9,
    });
  });

  it('is told by mail what became of the factors', async () => {
    const subjects = () =>
      mailsTo(ada.email)
        .map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1] ?? '')
        .filter((subject) => subject !== 'A new sign in to your account');
    const expected = ['A second factor is in use', 'A recovery code was used'];
    const told = await eventually(
      async () => subjects(),
      (found) => found.length >= expected.length,
    );
    expect(told.toSorted()).toEqual(expected.toSorted());
  });

  it('gets other recovery codes, steps up with one of them, and removes the app', async () => {
    const { password } = ada;
    const regenerated = await askMfa(client, ada, 'POST', '/recovery-codes');
    const { recoveryCodes } = regenerated.json as { readonly recoveryCodes: readonly string[] };
    expect(recoveryCodes).toHaveLength(10);
    const [code] = recoveryCodes;
    const stepped = await stepUp(client, ada, { method: 'recovery_code', code });
    const { access_token: accessToken } = stepped.json as { readonly access_token: string };
    const removed = await askMfa(client, { accessToken }, 'DELETE', '/totp', { password });
    expect(removed.status).toBe(204);
    const { email } = ada;
    const json = { email, password };
    const answer = await client.send({ method: 'POST', path: '/auth/login', json });
    expect(authenticationOf(signedIn(answer, ada))).toEqual({
      acr: 'urn:sallyport:acr:password',
      amr: ['pwd'],
    });
  });
});

describe('the authorization code flow of somebody with an app, by openid-client', () => {
  let ada: EnrolledCustomer;
  let config: openid.Configuration;
  let browser: Browser;

  beforeAll(async () => {
    ada = await enrolTotp(client, await signUp(client));
    config = await discoverAs((await registerClient()).id);
    browser = new Browser(client);
  });

  const start = async (further: Readonly<Record<string, string>> = {}) => {
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const expectedState = openid.randomState();
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid orders:read',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      claims: JSON.stringify({ id_token: { acr: null, amr: null } }),
      ...further,
    });
    return { url, checks: { pkceCodeVerifier, expectedState } };
  };

  it('announces what it can say of an authentication', async () => {
    const { gatewayUrl } = sharedCluster();
    expect(config.serverMetadata()).toMatchObject({
      issuer: gatewayUrl,
      acr_values_supported: ['urn:sallyport:acr:password', MFA],
    });
  });

  it('asks for a code after the password, and gives tokens that say so', async () => {
    const { url, checks } = await start({ acr_values: MFA });
    const signIn = await browser.open(url.href);
    const { email, password } = ada;
    const page = await browser.submit(signIn, '/login', { email, password });
    expect(page.response.status).toBe(200);
    expect(page.response.headers['content-security-policy']).toMatch(/^default-src 'none'/);
    expect(page.response.body).toMatch(/inputmode="numeric"\s+autocomplete="one-time-code"/);
    const again = await browser.submit(page, '/code', { method: 'totp', code: '12345' });
    expect(again.response.status).toBe(401);
    expect(again.response.body).toContain('role="alert"');
    // A page that is loaded again goes on where it was.
    const reloaded = await browser.open(signIn.url.href);
    const code = await totpCode(ada.secret);
    const consent = await browser.submit(reloaded, '/code', { method: 'totp', code });
    const back = await browser.submit(consent, '/consent');
    const tokens = await openid.authorizationCodeGrant(config, back.url, checks);
    const said = { acr: MFA, amr: ['pwd', 'otp', 'mfa'] };
    expect(authenticationOf({ accessToken: tokens.access_token })).toEqual(said);
    expect(tokens.claims()).toMatchObject({ sub: ada.userId, acr: MFA });
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(authenticationOf({ accessToken: refreshed.access_token })).toEqual(said);
  });

  it('asks for neither again where somebody is signed in, and for both where it has to', async () => {
    const { url } = await start({ prompt: 'none' });
    const silent = await browser.open(url.href);
    expect(silent.url.searchParams.has('code')).toBe(true);
    const anew = await start({ prompt: 'login' });
    const signIn = await browser.open(anew.url.href);
    const { email, password } = ada;
    const page = await browser.submit(signIn, '/login', { email, password });
    const [recoveryCode = ''] = ada.recoveryCodes;
    const entered = { method: 'recovery_code', code: recoveryCode };
    const back = await browser.submit(page, '/code', entered);
    const tokens = await openid.authorizationCodeGrant(config, back.url, anew.checks);
    expect(authenticationOf({ accessToken: tokens.access_token })).toEqual({
      acr: MFA,
      amr: ['pwd', 'mfa'],
    });
  });

  it('lets somebody else sign in instead', async () => {
    const other = new Browser(client);
    const { url } = await start();
    const { email, password } = ada;
    const signIn = await other.open(url.href);
    const page = await other.submit(signIn, '/login', { email, password });
    const again = await other.submit(page, '/code', { again: 'yes' });
    const eve = await signUp(client);
    const credentials = { email: eve.email, password: eve.password };
    const consent = await other.submit(again, '/login', credentials);
    expect(consent.response.body).toContain(eve.email);
  });
});
