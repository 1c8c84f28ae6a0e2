import type { Browser, BrowserContext, Page } from 'playwright-core';
import { complaintsOf, describeInChromium, launchChromium } from '../src/chromium';
import { PATIENCE_MS, rememberSecretsIn, rememberTokensOf, SPA_ORIGIN } from '../src/chromium';
import { sharedCluster } from '../src/cluster-facts';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import { startSampleSpa } from '../src/sample-apps';
import type { SampleApp } from '../src/sample-apps';

needs('certificates', 'sample-apps');

const { gatewayUrl } = sharedCluster();

/** One person, from the first sign-in to the last sign-out; each step goes on where the one before has stopped. */
describeInChromium('the sample single-page app, in a browser', (path) => {
  let spa: SampleApp;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let customer: Customer;
  let complaints: readonly string[];

  beforeAll(async () => {
    spa = await startSampleSpa();
    browser = await launchChromium(path, spa.port);
    [context, customer] = await Promise.all([browser.newContext(), signUp(new PublicClient())]);
    context.setDefaultTimeout(PATIENCE_MS);
    complaints = complaintsOf(context);
    page = await context.newPage();
    rememberTokensOf(page);
    await page.goto(SPA_ORIGIN);
  });

  afterAll(async () => {
    await rememberSecretsIn(context);
    await browser.close();
    await spa.stop();
  });

  const status = (text: string | RegExp): Promise<void> =>
    page.getByRole('status').filter({ hasText: text }).waitFor();
  const heading = (name: string): Promise<void> =>
    page.getByRole('heading', { level: 1, name }).waitFor();
  const press = (name: string, on = page): Promise<void> =>
    on.getByRole('button', { name, exact: true }).click();

  async function enterPassword(password = customer.password): Promise<void> {
    await page.getByLabel('E-mail address').fill(customer.email);
    await page.getByLabel('Password').fill(password);
    await press('Sign in');
  }

  it('is told when somebody does not allow it', async () => {
    await press('Sign in');
    await enterPassword();
    await heading('Allow Sample single-page app?');
    await press('Do not allow');
    await status('Refused: access_denied');
  });

  it('gets what somebody allows, who reads what that is', async () => {
    await press('Sign in');
    await heading('Allow Sample single-page app?');
    const main = await page.getByRole('main').innerText();
    expect(main).toContain(`Signed in as ${customer.email}`);
    expect(main).toContain('localhost:8447');
    expect(await page.getByRole('list').getByRole('listitem').allInnerTexts()).toEqual([
      'Know which account is yours',
      'See your e-mail address',
      'See your orders',
    ]);
    await press('Allow');
    await status(`Signed in as ${customer.userId}.`);
    expect(await page.locator('#orders').innerText()).toContain('"items"');
  });

  it('refreshes its tokens', async () => {
    await press('Refresh the token');
    await status('Refreshed.');
  });

  it('is not asked about again, neither here nor in a browser of another day', async () => {
    await page.reload();
    await press('Sign in');
    await status(`Signed in as ${customer.userId}.`);

    await rememberSecretsIn(context);
    await context.clearCookies();
    await page.reload();
    await press('Sign in');
    await enterPassword();
    await status(`Signed in as ${customer.userId}.`);
  });

  it('is refused at the next call once that is withdrawn on the account page', async () => {
    const account = await context.newPage();
    await account.goto(`${gatewayUrl}/oauth2/account`);
    await account.getByText('this browser').waitFor();
    await press('Withdraw what Sample single-page app may do', account);
    await account.getByRole('status').filter({ hasText: 'Withdrawn.' }).waitFor();
    await account.getByText('No application has access to your account.').waitFor();
    await account.close();

    await press('See the orders');
    await status(/^Refused: /);
    await press('Refresh the token');
    await status('Refused: invalid_grant');
  });

  it('has to ask again after that', async () => {
    await page.reload();
    await press('Sign in');
    await heading('Allow Sample single-page app?');
    await press('Allow');
    await status(`Signed in as ${customer.userId}.`);
  });

  it('signs somebody out, and gets them back', async () => {
    await press('Sign out');
    await heading('Sign out?');
    await press('Sign out');
    await page.waitForURL(`${SPA_ORIGIN}/`);
    await press('Sign in');
    await heading('Sign in');
  });

  it('has shown no page that broke its own policy', () => {
    expect(complaints).toEqual([]);
  });
});
