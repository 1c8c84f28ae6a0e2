import type { Browser, BrowserContext, Page } from 'playwright-core';
import { complaintsOf, describeInChromium, launchChromium } from '../src/chromium';
import { PATIENCE_MS, rememberSecretsIn, WEB_APP_ORIGIN } from '../src/chromium';
import { sharedCluster } from '../src/cluster-facts';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import { startSampleWebApp } from '../src/sample-apps';
import type { SampleApp } from '../src/sample-apps';

needs('certificates', 'sample-apps');

/** One person at a server with openid-client, which pushes its requests; each step goes on where the one before has stopped. */
describeInChromium('the sample web application, in a browser', (path) => {
  let app: SampleApp;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let customer: Customer;
  let complaints: readonly string[];

  beforeAll(async () => {
    app = await startSampleWebApp();
    browser = await launchChromium(path, app.port);
    [context, customer] = await Promise.all([browser.newContext(), signUp(new PublicClient())]);
    context.setDefaultTimeout(PATIENCE_MS);
    complaints = complaintsOf(context);
    page = await context.newPage();
    await page.goto(WEB_APP_ORIGIN);
  });

  afterAll(async () => {
    await rememberSecretsIn(context);
    await browser.close();
    await app.stop();
  });

  const follow = (name: string): Promise<void> => page.getByRole('link', { name }).click();
  const press = (name: string, on = page): Promise<void> =>
    on.getByRole('button', { name, exact: true }).click();

  it('is told when somebody does not allow it', async () => {
    await follow('Sign in');
    await page.getByLabel('E-mail address').fill(customer.email);
    await page.getByLabel('Password').fill(customer.password);
    await press('Sign in');
    await press('Do not allow');
    await page.getByText('Refused: access_denied').waitFor();
  });

  it('gets what somebody allows, and hands the browser no token', async () => {
    await follow('Sign in');
    const parameters = [...new URL(page.url()).searchParams.keys()];
    expect(parameters).toEqual([]);
    await press('Allow');
    await page.getByText(`Signed in as ${customer.userId}.`).waitFor();
    expect(await page.getByText('"items"').count()).toBe(1);
    expect(await page.content()).not.toMatch(/eyJ/);
    const cookies = await context.cookies(WEB_APP_ORIGIN);
    const own = cookies.filter(({ name }) => name === '__Host-sample-web');
    expect(own).toMatchObject([{ httpOnly: true, secure: true, sameSite: 'Lax' }]);
  });

  it('is refused once that is withdrawn, and asks anew', async () => {
    const account = await context.newPage();
    await account.goto(`${sharedCluster().gatewayUrl}/oauth2/account`);
    await press('Withdraw what Sample web application may do', account);
    await account.getByRole('status').filter({ hasText: 'Withdrawn.' }).waitFor();
    await account.close();

    await page.goto(WEB_APP_ORIGIN);
    await page.getByText('Refused: invalid_token').waitFor();
    await follow('Sign in');
    await press('Allow');
    await page.getByText(`Signed in as ${customer.userId}.`).waitFor();
  });

  it('signs somebody out, and gets them back', async () => {
    await follow('Sign out');
    await press('Sign out');
    await page.waitForURL(`${WEB_APP_ORIGIN}/`);
    await page.getByText('Not signed in.').waitFor();
    await follow('Sign in');
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  });

  it('has shown no page that broke its own policy', () => {
    expect(complaints).toEqual([]);
  });
});
