import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { complaintsOf, describeInChromium, launchChromium } from '../src/chromium';
import { PATIENCE_MS, rememberSecretsIn } from '../src/chromium';
import { sharedCluster } from '../src/cluster-facts';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import { authorizationRequest, authorizePath } from '../src/oauth-requests';
import { violationsOn } from '../src/page-violations';
import { PublicClient } from '../src/public-client';
import { startSampleSpa } from '../src/sample-apps';
import type { SampleApp } from '../src/sample-apps';
import { enrolTotp, totpCode } from '../src/second-factors';

needs('certificates', 'databases', 'sample-apps');

const { gatewayUrl } = sharedCluster();
/** At the client's address something has to be; this file is shown as text. */
const REDIRECT_URI = 'https://app.example/app.mjs';
const SCREENSHOTS = join(__dirname, '../screenshots');
const SIZES = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 800 } } as const;
/** What a page of 1280 px has at a zoom of 400 % (WCAG 1.4.10). */
const NARROWEST = { width: 320, height: 640 };

describeInChromium('the pages of the authorization server, in a browser', (path) => {
  const outside = new PublicClient();
  let browser: Browser;
  let site: SampleApp;
  let request: string;
  let customer: Customer;

  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    site = await startSampleSpa();
    browser = await launchChromium(path, site.port);
    const [app, somebody] = await Promise.all([
      registerClient({ redirect_uris: [REDIRECT_URI] }),
      signUp(outside),
    ]);
    customer = somebody;
    const parameters = authorizationRequest(app.id, {
      // Asked each time, whatever the test before has allowed.
      ...{ scope: 'openid email orders:read', prompt: 'consent' },
      redirect_uri: REDIRECT_URI,
    });
    request = `${gatewayUrl}${authorizePath(parameters)}`;
  });

  afterAll(async () => {
    await browser.close();
    await site.stop();
  });

  /** With cookies of its own. */
  async function inBrowser(
    options: Parameters<Browser['newContext']>[0],
    work: (page: Page, context: BrowserContext) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    const complaints = complaintsOf(context);
    await work(await context.newPage(), context);
    await rememberSecretsIn(context);
    await context.close();
    expect(complaints).toEqual([]);
  }

  async function enterPassword(page: Page, password = customer.password): Promise<void> {
    await page.getByLabel('E-mail address').fill(customer.email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  const press = (page: Page, name: string): Promise<void> =>
    page.getByRole('button', { name, exact: true }).click();

  /** Every page in the order in which one comes to it; `look` is called on each. */
  async function visitAll(page: Page, look: (name: string) => Promise<void>): Promise<void> {
    await page.goto(`${gatewayUrl}/oauth2/authorize?client_id=nobody`);
    await look('error');
    await page.goto(request);
    await look('sign-in');
    await enterPassword(page, 'not the password');
    await look('sign-in-refused');
    await enterPassword(page);
    await look('consent');
    await press(page, 'Allow');
    await page.waitForURL(`${REDIRECT_URI}?**`);
    await page.goto(`${gatewayUrl}/oauth2/account`);
    await look('account');
    await page.getByRole('link', { name: 'Sign out' }).click();
    await look('sign-out');
    await press(page, 'Sign out');
    await look('signed-out');
    await page.goto(`${gatewayUrl}/oauth2/logout`);
    await look('not-signed-in');
  }

  it.each(['light', 'dark'] as const)(
    'are accessible and fit the narrowest screen, in %s',
    async (colorScheme) => {
      await inBrowser({ colorScheme, viewport: NARROWEST }, async (page) => {
        await visitAll(page, async (name) => {
          expect([name, await violationsOn(page)]).toEqual([name, []]);
          const width = await page.evaluate<number>('document.documentElement.scrollWidth');
          expect([name, width]).toEqual([name, NARROWEST.width]);
          for (const [size, viewport] of Object.entries(SIZES)) {
            await page.setViewportSize(viewport);
            const file = join(SCREENSHOTS, `${name}-${size}-${colorScheme}.png`);
            await page.screenshot({ path: file, fullPage: true });
          }
          await page.setViewportSize(NARROWEST);
        });
      });
    },
  );

  it('lead from the sign-in to the answer by the keyboard alone', async () => {
    await inBrowser({}, async (page) => {
      await page.goto(request);
      await page.locator('#email:focus').waitFor();
      await page.keyboard.type(customer.email);
      await page.keyboard.press('Tab');
      await page.keyboard.type(customer.password);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: /^Allow / }).waitFor();
      const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()');
      const reached: string[] = [];
      while (!reached.includes('Allow') && reached.length < 5) {
        await page.keyboard.press('Tab');
        reached.push(await focused());
      }
      expect(reached).toEqual(['Not you?', 'Allow']);
      const outline = 'getComputedStyle(document.activeElement).outlineStyle';
      expect(await page.evaluate(outline)).toBe('solid');
      await page.keyboard.press('Enter');
      await page.waitForURL(`${REDIRECT_URI}?code=**`);
    });
  });

  it('tell who typed a wrong password, and keep the address', async () => {
    await inBrowser({}, async (page) => {
      await page.goto(request);
      await enterPassword(page, 'not the password');
      const alert = page.getByRole('alert');
      await alert.waitFor();
      const password = page.getByLabel('Password');
      expect(await password.getAttribute('aria-describedby')).toBe(await alert.getAttribute('id'));
      expect(await page.getByLabel('E-mail address').inputValue()).toBe(customer.email);
      const focused = page.locator(':focus');
      expect(await focused.getAttribute('name')).toBe('password');
    });
  });

  it('need no script, and have each a title of its own, which says when something is wrong', async () => {
    await inBrowser({ javaScriptEnabled: false }, async (page) => {
      const titles: string[] = [];
      await visitAll(page, async (name) => {
        titles.push(await page.title());
        expect([name, await page.locator('h1').count()]).toEqual([name, 1]);
        expect(await page.locator('style, [style], [onclick], [onload]').count()).toBe(0);
        // Nothing but what asks for passkeys, where these are asked for.
        const scripts = name.startsWith('sign-in') ? 1 : 0;
        expect([name, await page.locator('script').count()]).toEqual([name, scripts]);
        expect(await page.locator('script:not([src="/oauth2/passkey.js"])').count()).toBe(0);
      });
      expect(new Set(titles).size).toBe(titles.length);
      expect(titles.filter((title) => title.startsWith('Error: '))).toHaveLength(2);
    });
  });

  it('let somebody else sign in, who is then the one that is asked', async () => {
    const other = await signUp(outside);
    await inBrowser({}, async (page) => {
      await page.goto(request);
      await enterPassword(page);
      await page.getByText(`Signed in as ${customer.email}`).waitFor();
      await press(page, 'Not you?');
      await page.getByLabel('E-mail address').fill(other.email);
      await page.getByLabel('Password').fill(other.password);
      await press(page, 'Sign in');
      await page.getByText(`Signed in as ${other.email}`).waitFor();
      await press(page, 'Allow');
      await page.waitForURL(`${REDIRECT_URI}?code=**`);
    });
  });

  it('ask for a second factor on the way to a client and to the account page', async () => {
    const ada = await enrolTotp(outside, await signUp(outside));
    const look = async (page: Page, name: string): Promise<void> => {
      await page.getByRole('heading', { level: 1, name: 'Enter your code' }).waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect([name, await violationsOn(page)]).toEqual([name, []]);
        await page.setViewportSize(NARROWEST);
        const width = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect([name, width]).toEqual([name, NARROWEST.width]);
        for (const [size, viewport] of Object.entries(SIZES)) {
          await page.setViewportSize(viewport);
          const file = join(SCREENSHOTS, `${name}-${size}-${colorScheme}.png`);
          await page.screenshot({ path: file, fullPage: true });
        }
      }
    };
    const givePassword = async (page: Page): Promise<void> => {
      await page.getByLabel('E-mail address').fill(ada.email);
      await page.getByLabel('Password').fill(ada.password);
      await press(page, 'Sign in');
    };
    await inBrowser({}, async (page) => {
      await page.goto(request);
      await givePassword(page);
      await page.locator('#code:focus').waitFor();
      await look(page, 'code');
      await page.keyboard.type('123456');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
      await look(page, 'code-refused');
      await page.getByLabel(/^Six-digit code/).fill(await totpCode(ada.secret));
      await press(page, 'Continue');
      await page.getByText(`Signed in as ${ada.email}`).waitFor();
      await press(page, 'Allow');
      await page.waitForURL(`${REDIRECT_URI}?code=**`);
    });
    await inBrowser({}, async (page) => {
      await page.goto(`${gatewayUrl}/oauth2/account`);
      await givePassword(page);
      await look(page, 'code-account');
      await page.reload();
      await page.getByText('Use a recovery code').click();
      await page.getByLabel('Recovery code', { exact: true }).fill(ada.recoveryCodes[0] ?? '');
      await press(page, 'Continue with a recovery code');
      await page.getByText('this browser').waitFor();
    });
  });

  it('are framed by no other site', async () => {
    await inBrowser({}, async (page) => {
      await page.goto(`${gatewayUrl}/oauth2/account`);
      await enterPassword(page);
      await page.getByText('this browser').waitFor();
      for (const target of [
        `${gatewayUrl}/oauth2/account`,
        request,
        `${gatewayUrl}/oauth2/logout`,
      ]) {
        await page.route('https://attacker.example/', (route) =>
          route.fulfill({ contentType: 'text/html', body: `<iframe src="${target}"></iframe>` }),
        );
        await page.goto('https://attacker.example/');
        expect([target, page.frames()[1]?.url()]).toEqual([
          target,
          'chrome-error://chromewebdata/',
        ]);
        await page.goto(target);
        expect(await page.getByRole('main').count()).toBe(1);
      }
    });
  });
});
