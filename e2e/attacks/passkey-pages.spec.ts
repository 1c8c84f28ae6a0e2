import type { CreationOptions, CredentialOverrides, RequestOptions } from '@sallyport/testing';
import { askAuthDatabase } from '../src/auth-database';
import { Browser } from '../src/browser';
import { sharedCluster } from '../src/cluster-facts';
import { signUp } from '../src/customers';
import { cameFrom, deviceCookieOf } from '../src/devices';
import { eventually } from '../src/eventually';
import { mailsTo } from '../src/mails';
import { needs } from '../src/needs';
import { loginAssertion, newAuthenticator, newPasskeyCustomer } from '../src/passkeys';
import type { PasskeyCustomer } from '../src/passkeys';
import { PublicClient } from '../src/public-client';
import { rememberSecret } from '../src/secrets-in-use';

needs('databases', 'outbox');

type At = Awaited<ReturnType<Browser['open']>>;

const ACCOUNT = '/oauth2/account';
const NEW = `${ACCOUNT}/passkeys/new`;
const NEW_SIGN_IN = 'Subject: A new sign in to your account';
const NOT_ACCEPTED = 'The passkey was not accepted';

const client = new PublicClient();
let ada: PasskeyCustomer;

beforeAll(async () => {
  ada = await newPasskeyCustomer(client);
});

/** What a page asks an authenticator. */
function optionsOn({ response }: At): RequestOptions & CreationOptions {
  const [, text = ''] = /data-options="([^"]*)"/.exec(response.body) ?? [];
  const options = JSON.parse(text.replaceAll('&quot;', '"')) as RequestOptions & CreationOptions;
  rememberSecret(options.challenge);
  return options;
}

function formTokenOn({ response }: At): string {
  return /name="form_token"\s+value="([^"]*)"/.exec(response.body)?.[1] ?? '';
}

function answerTo(at: At, overrides: CredentialOverrides = {}): string {
  const assertion = ada.authenticator.get(optionsOn(at), overrides);
  rememberSecret(assertion.response.signature);
  return JSON.stringify(assertion);
}

const signedIn = ({ response }: At): boolean => response.body.includes('this browser');

describe('the sign-in page, asked to take a passkey', () => {
  const attempts: readonly (readonly [name: string, credential: (at: At) => unknown])[] = [
    ['that is none', () => '{}'],
    ['made for the page of another site', (at) => answerTo(at, { origin: 'https://evil.example' })],
    ['that did not verify its user', (at) => answerTo(at, { userVerified: false })],
    ['that does not say whose it is', (at) => answerTo(at, { userHandle: null })],
    ['of a challenge that nobody gave', (at) => answerTo(at, { challenge: 'AAAA' })],
    [
      'asked of somebody whose password was right',
      async () => {
        const { email, password } = ada;
        const browser = new Browser(client);
        const page = await browser.open(ACCOUNT);
        return answerTo(await browser.submit(page, '/login', { email, password }));
      },
    ],
  ];

  it.each(attempts)('refuses one %s, and takes the right one after it', async (_, made) => {
    const browser = new Browser(client);
    const page = await browser.open(ACCOUNT);
    const credential = String(await made(page));
    const refused = await browser.submit(page, '/passkey', { credential });
    expect(refused.response.status).toBe(401);
    expect(refused.response.body).toContain(NOT_ACCEPTED);
    expect(signedIn(await browser.open(ACCOUNT))).toBe(false);
    // The page that says so has a challenge of its own.
    const right = await browser.submit(refused, '/passkey', { credential: answerTo(refused) });
    expect(signedIn(right)).toBe(true);
  });

  it('takes an answer once, of those that are given at once', async () => {
    const browsers = [new Browser(client), new Browser(client), new Browser(client)];
    const pages = await Promise.all(browsers.map((each) => each.open(ACCOUNT)));
    const [first] = pages;
    const credential = first ? answerTo(first) : '';
    const answers = await Promise.all(
      browsers.map((each, index) => each.submit(pages[index] as At, '/passkey', { credential })),
    );
    expect(answers.filter(signedIn)).toHaveLength(1);
  });

  it('knows the browser from then on, and tells the owner of one that it did not know', async () => {
    const owner = await newPasskeyCustomer(client);
    const notices = () => mailsTo(owner.email).filter((mail) => mail.includes(NEW_SIGN_IN));
    const signIn = async (device?: string) => {
      const answer = await client.send({
        ...{ method: 'POST', path: `${ACCOUNT}/passkey` },
        headers: [['Origin', `https://${client.host}`], ...cameFrom(undefined, device)],
        form: [['credential', JSON.stringify(await loginAssertion(client, owner))]],
      });
      expect(answer.status).toBe(303);
      return deviceCookieOf(answer);
    };
    const first = await signIn();
    await eventually(
      async () => notices(),
      (mails) => mails.length === 1,
    );
    const second = await signIn(first);
    expect(second).not.toBe(first);
    await signIn();
    const told = await eventually(
      async () => notices(),
      (mails) => mails.length > 1,
    );
    expect(told).toHaveLength(2);
  });

  it('takes nothing that the page of another site submits', async () => {
    const credential = JSON.stringify(await loginAssertion(client, ada));
    const path = `${ACCOUNT}/passkey`;
    const send = (origin: string) =>
      client.send({
        method: 'POST',
        path,
        headers: [['Origin', origin]],
        form: [['credential', credential]],
      });
    expect(await send('https://evil.example')).toMatchObject({ status: 403 });
    expect(await send(`https://${client.host}`)).toMatchObject({ status: 303 });
  });
});

describe('the account page, asked to add or remove a passkey', () => {
  async function owner(): Promise<{ browser: Browser; page: At; userId: string }> {
    const { email, password, userId } = await signUp(client);
    const browser = new Browser(client);
    await browser.submit(await browser.open(ACCOUNT), '/login', { email, password });
    return { browser, page: await browser.open(NEW), userId };
  }

  const credentialFor = (at: At): string =>
    JSON.stringify(newAuthenticator(client).create(optionsOn(at)));

  it('refuses what comes without the token of its form, or with that of somebody else', async () => {
    const { browser, page } = await owner();
    const other = await owner();
    const credential = credentialFor(page);
    for (const form_token of ['', formTokenOn(other.page)]) {
      const refused = await browser.submit(page, '/passkeys', { credential, form_token });
      expect(refused.response.status).toBe(403);
    }
    const form_token = formTokenOn(page);
    const added = await browser.submit(page, '/passkeys', { credential, form_token });
    expect(added.response.body).toContain('Your passkey was added.');
    rememberCodesOn(added);
  });

  it('refuses a passkey made in the session of somebody else', async () => {
    const { browser, page } = await owner();
    const other = await owner();
    const form_token = formTokenOn(page);
    const credential = credentialFor(other.page);
    const refused = await browser.submit(page, '/passkeys', { credential, form_token });
    expect(refused.response.status).toBe(401);
    expect(refused.response.body).toContain(NOT_ACCEPTED);
    const own = { credential: credentialFor(refused), form_token };
    const added = await browser.submit(refused, '/passkeys', own);
    expect(added.response.body).toContain('Your passkey was added.');
    rememberCodesOn(added);
  });

  it('asks who signed in more than five minutes ago to sign in again', async () => {
    const { browser, page, userId } = await owner();
    const age = (seconds: number) =>
      askAuthDatabase(
        sharedCluster(),
        "UPDATE sessions SET authenticated_at = now() - $2 * interval '1 second' WHERE account_id = $1",
        [userId, seconds],
      );
    const form = { credential: credentialFor(page), form_token: formTokenOn(page) };
    await age(310);
    const again = await browser.open(NEW);
    expect(again.response.body).toContain('Sign in again to change your passkeys');
    const late = await browser.submit(page, '/passkeys', form);
    expect(late.response.status).toBe(401);
    await age(200);
    const added = await browser.submit(page, '/passkeys', form);
    expect(added.response.body).toContain('Your passkey was added.');
    rememberCodesOn(added);
  });
});

function rememberCodesOn({ response }: At): void {
  for (const [, code = ''] of response.body.matchAll(/<code>([^<]*)<\/code>/g))
    rememberSecret(code);
}
