import { setTimeout as delay } from 'node:timers/promises';
import { tokenSaying } from '../src/aged-tokens';
import { Browser } from '../src/browser';
import { partsOf } from '../src/compact-jws';
import { placeOrder, signUp } from '../src/customers';
import type { PlacedOrder } from '../src/customers';
import { needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import { authorizationRequest, authorizePath, exchangeOf, pairsOf } from '../src/oauth-requests';
import type { Parameters } from '../src/oauth-requests';
import { PublicClient } from '../src/public-client';
import { enrolTotp, totpCode } from '../src/second-factors';
import type { EnrolledCustomer } from '../src/second-factors';

needs('databases', 'key-encryption-key');

const client = new PublicClient();
const SCOPE = 'openid billing:read billing:refund';

/** What the challenge of RFC 9470 section 3 asks the client to ask for. */
function askedIn(challenge: string | undefined): Parameters {
  const [, acr_values] = /acr_values="([^"]+)"/.exec(challenge ?? '') ?? [];
  const [, max_age] = /max_age="(\d+)"/.exec(challenge ?? '') ?? [];
  return { acr_values, max_age };
}

describe('a client whose user signed in some time ago', () => {
  let appId: string;
  let ada: EnrolledCustomer;
  let order: PlacedOrder;
  let browser: Browser;
  let accessToken: string;

  beforeAll(async () => {
    appId = (await registerClient()).id;
    const customer = await signUp(client);
    order = await placeOrder(client, customer);
    ada = await enrolTotp(client, customer);
    browser = new Browser(client);
  });

  const exchange = async (code: string): Promise<string> => {
    const form = pairsOf(exchangeOf(appId, code));
    const issued = await client.send({ method: 'POST', path: '/oauth2/token', form });
    return (issued.json as { readonly access_token: string }).access_token;
  };
  const refund = (token: string) => {
    const path = `/invoices/${order.invoiceId ?? ''}/refund`;
    return client.send({ method: 'POST', path, accessToken: token });
  };
  const authenticationIn = (token: string) => {
    const { acr, auth_time } = partsOf(token).payload;
    return { acr, authTime: Number(auth_time) };
  };

  it('gets a token by password and code', async () => {
    const request = authorizationRequest(appId, { scope: SCOPE });
    const signIn = await browser.open(authorizePath(request));
    const { email, password } = ada;
    const codePage = await browser.submit(signIn, '/login', { email, password });
    const code = { method: 'totp', code: await totpCode(ada.secret) };
    const consent = await browser.submit(codePage, '/code', code);
    const back = await browser.submit(consent, '/consent');
    accessToken = await exchange(back.url.searchParams.get('code') ?? '');
    expect(authenticationIn(accessToken).acr).toBe('urn:sallyport:acr:mfa');
  });

  it('is challenged for an old one, asks as the challenge says, and repeats the request', async () => {
    const { authTime } = authenticationIn(accessToken);
    const old = await tokenSaying({ accessToken }, { auth_time: authTime - 310 });
    const challenged = await refund(old);
    expect(challenged.problem?.code).toBe('insufficient_user_authentication');
    const asked = askedIn(challenged.headers['www-authenticate']);
    expect(asked).toEqual({ acr_values: 'urn:sallyport:acr:mfa', max_age: '300' });
    expect(challenged.json).toMatchObject({ acr_values: asked['acr_values'], max_age: 300 });

    const request = authorizationRequest(appId, { scope: SCOPE, ...asked });
    const back = await browser.open(authorizePath(request));
    const code = back.url.searchParams.get('code') ?? '';
    expect(await refund(await exchange(code))).toMatchObject({
      ...{ status: 200, json: { status: 'refunded' } },
    });
  });

  it('has its user authenticate again where the sign-in in the browser is too old', async () => {
    const { authTime } = authenticationIn(accessToken);
    await delay(Math.max(0, (authTime + 2) * 1000 - Date.now()) + 100);
    const asked = { acr_values: 'urn:sallyport:acr:mfa', max_age: '1' };
    const request = authorizationRequest(appId, { scope: SCOPE, ...asked });
    const signIn = await browser.open(authorizePath(request));
    const { email, password } = ada;
    const codePage = await browser.submit(signIn, '/login', { email, password });
    const code = { method: 'totp', code: await totpCode(ada.secret, 1) };
    const back = await browser.submit(codePage, '/code', code);
    const renewed = await exchange(back.url.searchParams.get('code') ?? '');
    expect(authenticationIn(renewed).acr).toBe('urn:sallyport:acr:mfa');
    expect(authenticationIn(renewed).authTime).toBeGreaterThan(authTime);
  });

  it('gets a token that says what its user has, where that is less than it asks for', async () => {
    const bob = await signUp(client);
    const asked = { acr_values: 'urn:sallyport:acr:mfa', max_age: '300' };
    const request = authorizationRequest(appId, { scope: SCOPE, ...asked });
    const another = new Browser(client);
    const signIn = await another.open(authorizePath(request));
    const { email, password } = bob;
    const consent = await another.submit(signIn, '/login', { email, password });
    const back = await another.submit(consent, '/consent');
    const token = await exchange(back.url.searchParams.get('code') ?? '');
    expect(authenticationIn(token).acr).toBe('urn:sallyport:acr:password');
  });
});
