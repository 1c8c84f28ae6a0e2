import { sharedCluster } from '../src/cluster-facts';
import { logIn, refresh, renew, signedIn, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { PublicClient } from '../src/public-client';
import type { PublicRequest, WireHeaders } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

interface Session {
  readonly id: string;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly expiresAt: string;
  readonly clientAddress: string | null;
  readonly userAgent: string | null;
  readonly current: boolean;
}

const client = new PublicClient();
const device = (userAgent: string): WireHeaders => [['User-Agent', userAgent]];
const as = ({ accessToken }: Customer, request: PublicRequest): Promise<PublicResponse> =>
  client.send({ ...request, accessToken });
const me = (customer: Customer): Promise<PublicResponse> => as(customer, { path: '/auth/me' });

async function sessionsOf(customer: Customer): Promise<readonly Session[]> {
  const { status, json } = await as(customer, { path: '/auth/sessions' });
  expect(status).toBe(200);
  return (json as { readonly items: readonly Session[] }).items;
}

/** No device is told: its next request is refused, and so is its refresh. */
async function expectSignedOut(customer: Customer, since: number): Promise<void> {
  const { response } = await refusalWithin(STATED_BOUND_MS, () => me(customer), since);
  expect(response).toMatchObject({ status: 401, problem: { code: 'invalid_token' } });
  expect(await refresh(client, customer)).toMatchObject({
    status: 401,
    problem: { code: 'invalid_grant' },
  });
}

describe('somebody with a laptop, a phone and a computer in the library', () => {
  const startedAt = Date.now();
  let laptop: Customer;
  let phone: Customer;
  let library: Customer;

  it('signs in on each, and sees where', async () => {
    laptop = await signUp(client, device('Laptop/1.0 (at home)'));
    phone = await logIn(client, laptop, device('Phone/7'));
    library = await logIn(client, laptop, device('Library'));

    const sessions = await sessionsOf(laptop);

    expect(sessions.map(({ id, userAgent, current }) => [id, userAgent, current])).toEqual([
      [library.sessionId, 'Library', false],
      [phone.sessionId, 'Phone/7', false],
      [laptop.sessionId, 'Laptop/1.0 (at home)', true],
    ]);
    for (const { createdAt, lastUsedAt, expiresAt, clientAddress } of sessions) {
      expect(clientAddress).toBe(sharedCluster().clientAddress);
      expect(lastUsedAt).toBe(createdAt);
      expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(startedAt - 1_000);
      expect(Date.parse(createdAt)).toBeLessThanOrEqual(Date.now() + 1_000);
      expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(WEEK_MS);
    }
  });

  it('sees the same from each device, but for which of them this is', async () => {
    for (const here of [laptop, phone, library]) {
      const sessions = await sessionsOf(here);
      expect(sessions).toHaveLength(3);
      expect(sessions.filter(({ current }) => current).map(({ id }) => id)).toEqual([
        here.sessionId,
      ]);
    }
  });

  it('sees which one was used last, and with what', async () => {
    const [before] = (await sessionsOf(laptop)).filter(({ id }) => id === phone.sessionId);
    phone = await renew(client, phone, device('Phone/8'));

    const [latest] = await sessionsOf(laptop);

    expect(latest).toEqual({
      ...before,
      userAgent: 'Phone/8',
      lastUsedAt: expect.any(String),
    });
    expect(Date.parse(latest?.lastUsedAt ?? '')).toBeGreaterThan(
      Date.parse(before?.lastUsedAt ?? ''),
    );
  });

  it('ends the one in the library from the phone, and the others go on', async () => {
    const end = () => as(phone, { method: 'DELETE', path: `/auth/sessions/${library.sessionId}` });

    const ended = await end();
    const since = performance.now();

    expect(ended).toMatchObject({ status: 204, body: '' });
    await expectSignedOut(library, since);
    expect((await me(laptop)).status).toBe(200);
    expect((await sessionsOf(phone)).map(({ id }) => id)).toEqual([
      phone.sessionId,
      laptop.sessionId,
    ]);
    expect(await end()).toMatchObject({ status: 404, problem: { code: 'session_not_found' } });
  });

  it('mistypes the password and picks a short one, and nothing has changed', async () => {
    const change = (currentPassword: string, newPassword: string) =>
      as(laptop, {
        method: 'POST',
        path: '/auth/password',
        json: { currentPassword, newPassword },
      });

    const mistyped = await change('not the password', 'another long password');
    const short = await change(laptop.password, 'short');

    expect(mistyped).toMatchObject({ status: 401, problem: { code: 'invalid_credentials' } });
    expect(short).toMatchObject({ status: 400, problem: { code: 'password_too_short' } });
    for (const answer of [mistyped, short]) expect(answer.headers['set-cookie']).toBeUndefined();
    expect((await me(laptop)).status).toBe(200);
    expect((await me(phone)).status).toBe(200);
    library = await logIn(client, laptop, device('Library'));
  });

  it('changes the password on the laptop, goes on there, and is signed out everywhere else', async () => {
    const before = laptop;
    const password = 'a password nobody in the library has seen';
    const changed = await as(laptop, {
      method: 'POST',
      path: '/auth/password',
      headers: device('Laptop/2.0'),
      json: { currentPassword: before.password, newPassword: password },
    });
    const since = performance.now();

    expect(changed.status).toBe(200);
    laptop = signedIn(changed, { ...before, password });
    expect(laptop.sessionId).not.toBe(before.sessionId);
    expect(laptop.cookie).not.toBe(before.cookie);
    expect((await me(laptop)).status).toBe(200);
    await expectSignedOut(phone, since);
    await expectSignedOut(library, since);
    expect(await sessionsOf(laptop)).toEqual([
      expect.objectContaining({ id: laptop.sessionId, userAgent: 'Laptop/2.0', current: true }),
    ]);

    await expect(logIn(client, before)).rejects.toThrow('got 401');
    laptop = await renew(client, laptop, device('Laptop/2.0'));
    expect((await me(laptop)).status).toBe(200);
  });

  it('signs in on the phone again, and from there out of all others', async () => {
    phone = await logIn(client, laptop, device('Phone/8'));
    library = await logIn(client, laptop, device('Library'));

    const ended = await as(phone, { method: 'DELETE', path: '/auth/sessions' });
    const since = performance.now();

    expect(ended).toMatchObject({ status: 200, json: { endedSessions: 2 } });
    expect(ended.headers['set-cookie']).toBeUndefined();
    await expectSignedOut(laptop, since);
    await expectSignedOut(library, since);
    expect((await sessionsOf(phone)).map(({ id }) => id)).toEqual([phone.sessionId]);
  });

  it('signs out everywhere, here as well', async () => {
    laptop = await logIn(client, phone);

    const ended = await as(phone, { method: 'POST', path: '/auth/logout-all' });
    const since = performance.now();

    expect(ended).toMatchObject({ status: 200, json: { endedSessions: 2 } });
    expect(ended.headers['set-cookie']).toEqual([expect.stringContaining('Max-Age=0')]);
    await expectSignedOut(phone, since);
    await expectSignedOut(laptop, since);
    const [fresh] = await sessionsOf(await logIn(client, phone));
    expect(fresh).toMatchObject({ userAgent: null, current: true });
  });
});
