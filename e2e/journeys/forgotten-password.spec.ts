import { randomBytes } from 'node:crypto';
import { Browser } from '../src/browser';
import { logIn, signUp } from '../src/customers';
import { eventually } from '../src/eventually';
import { mailsTo } from '../src/mails';
import { needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import { rememberSecret } from '../src/secrets-in-use';

needs('outbox');

const client = new PublicClient();

it('lets somebody who forgot their password choose another one, in a browser without scripts', async () => {
  const { email } = await signUp(client);
  const browser = new Browser(client);

  const forgot = await browser.open('/auth/forgot');
  const asked = await browser.submit(forgot, '/auth/forgot', { email });
  expect(asked.response.body).toContain('If there is an account for this address');

  const [mail = ''] = await eventually(
    async () => mailsTo(email),
    (mails) => mails.length > 0,
  );
  const [link = '', token = ''] = /https:\S+#token=([\w-]{43})/.exec(mail) ?? [];
  rememberSecret(token);
  const page = await browser.open(link.split('#')[0] ?? '');
  const refused = await browser.submit(page, '/auth/reset', { token, password: 'short' });
  expect(refused.response.status).toBe(400);
  expect(refused.response.body).toContain('The password is too short.');

  const password = randomBytes(18).toString('base64url');
  // The page has kept the code; a browser submits it again.
  expect(refused.response.body).toContain(`value="${token}"`);
  const done = await browser.submit(refused, '/auth/reset', { token, password });
  expect(done.response.status).toBe(200);
  expect(done.response.body).toContain('Your password is set');

  await expect(logIn(client, { email, password })).resolves.toBeDefined();
  const mails = await eventually(
    async () => mailsTo(email),
    (found) => found.length > 2,
  );
  const subjects = mails.map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1]);
  expect(subjects).toContain('Your password was changed');
});

it('has the script that fills in the code of a link', async () => {
  const page = await client.send({ path: '/auth/reset' });
  expect(page.body).toContain('<script src="/auth/reset.js"></script>');
  const script = await client.send({ path: '/auth/reset.js' });
  expect(script).toMatchObject({ status: 200 });
  expect(script.headers['content-type']).toMatch(/^text\/javascript/);
  expect(script.headers['x-content-type-options']).toBe('nosniff');
});

it('takes the form of a browser that, as the page wants, does not say where it comes from', async () => {
  const answer = await client.send({
    method: 'POST',
    path: '/auth/reset',
    headers: [
      ['Origin', 'null'],
      ['Sec-Fetch-Site', 'same-origin'],
    ],
    form: [
      ['token', 'made up'],
      ['password', randomBytes(18).toString('base64url')],
    ],
  });
  expect(answer.status).toBe(400);
  expect(answer.body).toContain('This code does not work');
});
