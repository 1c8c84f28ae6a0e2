import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import * as openid from 'openid-client';
import { complaintsOf, describeInChromium, launchChromium } from '../src/chromium';
import { PATIENCE_MS, rememberSecretsIn } from '../src/chromium';
import { sharedCluster } from '../src/cluster-facts';
import { partsOf } from '../src/compact-jws';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { eventually } from '../src/eventually';
import { mailsTo } from '../src/mails';
import { needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import { discoverAs } from '../src/oauth-sign-in';
import { violationsOn } from '../src/page-violations';
import { PublicClient } from '../src/public-client';
import { startSampleSpa } from '../src/sample-apps';
import type { SampleApp } from '../src/sample-apps';
import { rememberSecret, rememberSecretsOf } from '../src/secrets-in-use';
import { addVirtualAuthenticator } from '../src/virtual-authenticator';
import type { VirtualAuthenticator } from '../src/virtual-authenticator';

needs('certificates', 'databases', 'outbox', 'sample-apps');

const { gatewayUrl } = sharedCluster();
const ACCOUNT = `${gatewayUrl}/oauth2/account`;
/** At the client's address something has to be; this file is shown as text. */
const REDIRECT_URI = 'https://app.example/app.mjs';
const SCREENSHOTS = join(__dirname, '../screenshots');
const NARROWEST = { width: 320, height: 640 };
const MFA = 'urn:sallyport:acr:mfa';
const REFUSED = 'The passkey was not accepted';

interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly authenticator: VirtualAuthenticator;
}

describeInChromium('passkeys, in a browser', (path) => {
  const outside = new PublicClient();
  let browser: Browser;
  let site: SampleApp;

  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    site = await startSampleSpa();
    browser = await launchChromium(path, site.port);
  });

  afterAll(async () => {
    await browser.close();
    await site.stop();
  });

  /** With cookies and an authenticator of its own; unless it is to fill forms in, passkeys come by buttons alone. */
  async function visit(
    work: (visit: Visit) => Promise<void>,
    { fillsIn = false, ...options }: { fillsIn?: boolean; colorScheme?: 'light' | 'dark' } = {},
  ): Promise<void> {
    const context = await browser.newContext({ viewport: NARROWEST, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    const complaints = complaintsOf(context);
    if (!fillsIn) {
      await context.addInitScript(
        // No page has it that came by plain HTTP, or from nowhere.
        'if (isSecureContext) PublicKeyCredential.isConditionalMediationAvailable = async () => false',
      );
    }
    const page = await context.newPage();
    await work({ page, context, authenticator: await addVirtualAuthenticator(context, page) });
    await rememberSecretsIn(context);
    await context.close();
    expect(complaints).toEqual([]);
  }

  const press = (page: Page, name: string): Promise<void> =>
    page.getByRole('button', { name, exact: true }).click();

  async function givePassword(page: Page, { email, password }: Customer): Promise<void> {
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await press(page, 'Sign in');
  }

  /** Signed in with the account page open. */
  const isIn = (page: Page): Promise<void> => page.getByText('this browser').waitFor();

  async function signOut(page: Page): Promise<void> {
    await page.getByRole('link', { name: 'Sign out' }).click();
    await press(page, 'Sign out');
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await page.goto(ACCOUNT);
  }

  /** From the account page; back on it. */
  async function addPasskey(page: Page, name = ''): Promise<void> {
    await page.getByRole('link', { name: 'Add a passkey' }).click();
    await page.getByLabel('Name').fill(name);
    await press(page, 'Create passkey');
    await page.getByText(/(?:Your passkey was|^) ?added\./i).waitFor();
    const codes = await page.locator('.codes code').allTextContents();
    codes.forEach(rememberSecret);
    if (codes.length > 0) await page.getByRole('link', { name: 'I have kept them' }).click();
    await isIn(page);
  }

  /** Somebody signed in on the account page who has a passkey there. */
  async function enrolled(page: Page): Promise<Customer> {
    const customer = await signUp(outside);
    await page.goto(ACCOUNT);
    await givePassword(page, customer);
    await addPasskey(page);
    return customer;
  }

  it.each(['light', 'dark'] as const)(
    'are enrolled with recovery codes, then complete a sign-in; the pages are accessible in %s',
    async (colorScheme) => {
      await visit(
        async ({ page, authenticator }) => {
          const look = async (name: string): Promise<void> => {
            await page.setViewportSize(NARROWEST);
            expect([name, await violationsOn(page)]).toEqual([name, []]);
            const width = await page.evaluate<number>('document.documentElement.scrollWidth');
            expect([name, width]).toEqual([name, NARROWEST.width]);
            const file = (size: string) => join(SCREENSHOTS, `${name}-${size}-${colorScheme}.png`);
            await page.screenshot({ path: file('phone'), fullPage: true });
            await page.setViewportSize({ width: 1280, height: 800 });
            await page.screenshot({ path: file('desk'), fullPage: true });
          };
          const customer = await signUp(outside);
          await page.goto(ACCOUNT);
          await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
          await look('passkey-sign-in');
          await givePassword(page, customer);
          await page.getByRole('link', { name: 'Add a passkey' }).click();
          await page.getByRole('button', { name: 'Create passkey' }).waitFor();
          await look('passkey-new');
          await press(page, 'Create passkey');
          await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor();
          await look('passkey-recovery-codes');
          const codes = await page.locator('.codes code').allTextContents();
          codes.forEach(rememberSecret);
          expect(codes).toHaveLength(10);
          await page.getByRole('link', { name: 'I have kept them' }).click();
          await isIn(page);
          await page.getByText(/^Rename or remove/).click();
          await look('passkey-account');
          expect(await authenticator.credentials()).toHaveLength(1);

          await signOut(page);
          await givePassword(page, customer);
          await page.getByRole('heading', { name: 'Show that it is you' }).waitFor();
          await look('passkey-code');
          await press(page, 'Use a passkey');
          await isIn(page);
          expect(await page.getByText(/Last used .* UTC/).count()).toBeGreaterThan(0);
        },
        { colorScheme },
      );
    },
  );

  it('are named, several of them, renamed and removed; the last one takes the password', async () => {
    await visit(async ({ page, context, authenticator }) => {
      const customer = await enrolled(page);
      const first = await page.locator('#passkeys ~ ul h3').textContent();
      // One authenticator makes one passkey for an account.
      await authenticator.remove();
      await addVirtualAuthenticator(context, page);
      await addPasskey(page, 'Key <b>two</b>');
      const names = () => page.locator('#passkeys ~ ul h3').allTextContents();
      expect(await names()).toEqual([first, 'Key <b>two</b> this device only']);

      const second = page.getByRole('listitem').filter({ hasText: 'Key <b>two</b>' }).last();
      await second.getByText(/^Rename or remove/).click();
      await second.getByLabel('Name').fill('Spare');
      await second.getByRole('button', { name: /^Rename/ }).click();
      await page.getByText('Renamed.').waitFor();
      expect(await names()).toEqual([first, 'Spare this device only']);

      const removeFirst = async (password?: string): Promise<void> => {
        await page
          .getByText(/^Rename or remove/)
          .first()
          .click();
        if (password !== undefined) await page.getByLabel('Password').first().fill(password);
        await page
          .getByRole('button', { name: /^Remove/ })
          .first()
          .click();
      };
      await removeFirst();
      await page.getByText(/^Removed\./).waitFor();
      expect(await names()).toEqual(['Spare this device only']);
      await removeFirst('not the password');
      await page.getByRole('alert').filter({ hasText: 'the password is not right' }).waitFor();
      await removeFirst(customer.password);
      await page.getByText(/^Removed\./).waitFor();
      expect(await names()).toEqual([]);
    });
  });

  it('sign in alone, by the button, from the keyboard', async () => {
    await visit(async ({ page }) => {
      await enrolled(page);
      await signOut(page);
      const button = page.getByRole('button', { name: 'Sign in with a passkey' });
      await button.waitFor();
      const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()');
      for (let tabs = 0; tabs < 6 && (await focused()) !== 'Sign in with a passkey'; tabs += 1) {
        await page.keyboard.press('Tab');
      }
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe(
        'solid',
      );
      await page.keyboard.press('Enter');
      await isIn(page);
    });
  });

  it('sign in alone, where the browser fills in the address', async () => {
    await visit(
      async ({ page, authenticator }) => {
        const customer = await signUp(outside);
        await page.goto(ACCOUNT);
        await givePassword(page, customer);
        await addPasskey(page);
        await page.getByRole('link', { name: 'Sign out' }).click();
        await press(page, 'Sign out');
        await page.goto(ACCOUNT);
        // Nothing is typed or pressed: the authenticator answers what the page has asked quietly.
        await isIn(page);
        expect(await page.getByText(`Signed in as ${customer.email}`).count()).toBe(1);
        expect(await authenticator.credentials()).toHaveLength(1);
      },
      { fillsIn: true },
    );
  });

  it('tell clients that two factors were used, and which', async () => {
    const app = await registerClient({ redirect_uris: [REDIRECT_URI] });
    const config = await discoverAs(app.id);
    await visit(async ({ page }) => {
      const customer = await enrolled(page);
      const claimsAfter = async (signIn: () => Promise<void>): Promise<unknown> => {
        const verifier = openid.randomPKCECodeVerifier();
        const nonce = openid.randomNonce();
        const start = openid.buildAuthorizationUrl(config, {
          ...{ redirect_uri: REDIRECT_URI, scope: 'openid orders:read', nonce },
          ...{ prompt: 'login consent', acr_values: MFA },
          code_challenge: await openid.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        });
        await page.goto(start.href);
        await signIn();
        await press(page, 'Allow');
        await page.waitForURL(`${REDIRECT_URI}?**`);
        const tokens = await openid.authorizationCodeGrant(config, new URL(page.url()), {
          ...{ pkceCodeVerifier: verifier, expectedNonce: nonce },
        });
        rememberSecretsOf(tokens);
        expect(tokens.claims()).toMatchObject({ acr: MFA });
        const { acr, amr, auth_time } = partsOf(tokens.access_token).payload;
        expect(Date.now() / 1000 - Number(auth_time)).toBeLessThan(30);
        return { acr, amr };
      };
      const acr = MFA;
      const afterPassword = async (): Promise<void> => {
        await givePassword(page, customer);
        await press(page, 'Use a passkey');
      };
      expect(await claimsAfter(afterPassword)).toEqual({ acr, amr: ['pwd', 'hwk', 'user', 'mfa'] });
      const alone = () => press(page, 'Sign in with a passkey');
      expect(await claimsAfter(alone)).toEqual({ acr, amr: ['hwk', 'user', 'mfa'] });
    });
  });

  it('are refused that were copied, and their owner is told; one that is not gets in', async () => {
    await visit(async ({ page, authenticator }) => {
      const { email } = await enrolled(page);
      await signOut(page);
      await press(page, 'Sign in with a passkey');
      await isIn(page);
      await signOut(page);
      await authenticator.rollBack();
      await press(page, 'Sign in with a passkey');
      await page.getByRole('alert').filter({ hasText: REFUSED }).waitFor();
      const told = () =>
        Promise.resolve(mailsTo(email).filter((mail) => mail.includes('may have been copied')));
      expect(await eventually(told, ({ length }) => length > 0)).toHaveLength(1);
    });
  });

  it('are refused that have not verified their user; those that have get in', async () => {
    await visit(async ({ page, authenticator }) => {
      await enrolled(page);
      await signOut(page);
      await authenticator.verifyUser(false);
      await press(page, 'Sign in with a passkey');
      await page.getByRole('status').filter({ hasText: 'No passkey was used.' }).waitFor();
      await authenticator.verifyUser(true);
      await authenticator.claimUserUnverified(true);
      await press(page, 'Sign in with a passkey');
      await page.getByRole('alert').filter({ hasText: REFUSED }).waitFor();
      await authenticator.claimUserUnverified(false);
      await press(page, 'Sign in with a passkey');
      await isIn(page);
    });
  });

  it('are not offered where no script runs; the password and a recovery code go on working', async () => {
    let customer: Customer | undefined;
    let code = '';
    await visit(async ({ page }) => {
      customer = await signUp(outside);
      await page.goto(ACCOUNT);
      await givePassword(page, customer);
      await page.getByRole('link', { name: 'Add a passkey' }).click();
      await press(page, 'Create passkey');
      code = (await page.locator('.codes code').first().textContent()) ?? '';
      (await page.locator('.codes code').allTextContents()).forEach(rememberSecret);
    });
    const context = await browser.newContext({ javaScriptEnabled: false });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.goto(ACCOUNT);
    expect(await page.getByRole('button', { name: /passkey/ }).count()).toBe(0);
    if (customer) await givePassword(page, customer);
    await page.getByText(/Your passkey works in browsers/).waitFor();
    await page.locator('summary').click();
    await page.getByLabel('Recovery code', { exact: true }).fill(code);
    await press(page, 'Continue with a recovery code');
    await isIn(page);
    await page.goto(`${ACCOUNT}/passkeys/new`);
    await page.getByText('This browser knows no passkeys').waitFor();
    await rememberSecretsIn(context);
    await context.close();
  });
});
