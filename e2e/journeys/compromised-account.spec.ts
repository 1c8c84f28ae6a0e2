import { randomBytes } from 'node:crypto';
import { Browser } from '../src/browser';
import { logIn, signedIn, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { eventually } from '../src/eventually';
import { noticeTo, securedMailTo } from '../src/mails';
import { needs } from '../src/needs';
import { PublicClient } from '../src/public-client';

needs('outbox');

const client = new PublicClient();

it('gives an account back to its owner: notice, link, button, mail, new password', async () => {
  const owner = await signUp(client);
  // Somebody else knows the password, signs in, and takes it for themselves.
  const thief = await logIn(client, owner);
  const json = { currentPassword: owner.password, newPassword: randomBytes(18).toString('hex') };
  const stolen = await client.send({
    ...{ method: 'POST', path: '/auth/password', json, accessToken: thief.accessToken },
  });
  expect(stolen.status).toBe(200);
  const inside = signedIn(stolen, { email: owner.email, password: json.newPassword });

  const { mail, token } = await noticeTo(owner.email, 'Your password was changed');
  const [link = ''] = /https:\S+\/auth\/not-me#token=/.exec(mail) ?? [];
  const browser = new Browser(client);
  const page = await browser.open(link.split('#')[0] ?? '');
  expect(page.response.body).toContain('Was this not you?');
  const done = await browser.submit(page, '/auth/not-me', { token });
  expect(done.response.body).toContain('Your account is secured');

  const { accessToken } = inside;
  const after = await client.send({ path: '/auth/security', accessToken });
  expect(after.status).toBe(401);
  await expect(logIn(client, inside)).rejects.toThrow('401');

  const reset = await securedMailTo(owner.email);
  const choose = await browser.open('/auth/reset');
  const password = randomBytes(18).toString('base64url');
  const chosen = await browser.submit(choose, '/auth/reset', { token: reset.token, password });
  expect(chosen.response.body).toContain('Your password is set');

  const back = await logIn(client, { email: owner.email, password });
  const told = ['password_reset', 'account_reported_compromised', 'password_changed'];
  // Events are stored moments after what they tell of.
  const reasons = await eventually(
    () => recentReasons(client, back),
    (found) => told.every((reason) => found.includes(reason)),
  );
  expect(reasons).toEqual(expect.arrayContaining(told));
});

it('has the script that fills in the code of a link, and leaves the button to be pressed', async () => {
  const page = await client.send({ path: '/auth/not-me' });
  expect(page.body).toContain('<script src="/auth/not-me.js"></script>');
  const script = await client.send({ path: '/auth/not-me.js' });
  expect(script).toMatchObject({ status: 200 });
  expect(script.body).not.toContain('submit');
});

async function recentReasons(
  at: PublicClient,
  { accessToken }: Pick<Customer, 'accessToken'>,
): Promise<readonly string[]> {
  const { json } = await at.send({ path: '/auth/security', accessToken });
  const { recentEvents } = json as {
    readonly recentEvents: { readonly items: readonly { readonly reason: string }[] };
  };
  return recentEvents.items.map(({ reason }) => reason);
}
