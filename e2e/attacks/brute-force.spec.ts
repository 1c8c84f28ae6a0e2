import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { askAuthDatabase } from '../src/auth-database';
import { Browser } from '../src/browser';
import type { Customer } from '../src/customers';
import { cameFrom, deviceCookie, deviceCookieOf, signIn } from '../src/devices';
import { eventually } from '../src/eventually';
import { confirmReset, mailsTo, resetMailFor } from '../src/mails';
import { medianDifferenceLikelihood, timedInTurns } from '../src/median-difference';
import { needs } from '../src/needs';
import { startOwnCluster } from '../src/own-cluster';
import type { OwnCluster } from '../src/own-cluster';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { rememberSecret } from '../src/secrets-in-use';
import { challengeFor, enrolTotp, totpCode, verifyCode } from '../src/second-factors';

needs('own-cluster');

const LOCK_SECONDS = 4;
const ATTEMPTS_PER_ACCOUNT = 6;
const START_TIMEOUT_MS = 120_000;

let own: OwnCluster;
let client: PublicClient;

/** Nobody else's. */
let lastAddress = 0;
const newAddress = (): string => {
  lastAddress += 1;
  return `198.18.${String(lastAddress >> 8)}.${String(lastAddress & 255)}`;
};

beforeAll(async () => {
  own = await startOwnCluster({
    gateway: { TRUSTED_PROXIES: '127.0.0.1' },
    'auth-service': {
      LOGIN_ATTEMPTS_PER_ACCOUNT: String(ATTEMPTS_PER_ACCOUNT),
      SECOND_FACTOR_ATTEMPTS_PER_ACCOUNT: String(ATTEMPTS_PER_ACCOUNT),
      SIGN_IN_LOCK_SECONDS: String(LOCK_SECONDS),
    },
  });
  client = new PublicClient(own.facts);
}, START_TIMEOUT_MS);

const database = (sql: string, values: readonly unknown[]) =>
  askAuthDatabase(own.facts, sql, values);

/** Somebody with a trusted device, which registering makes one. */
interface Owner extends Customer {
  readonly device: string;
}

async function newOwner(): Promise<Owner> {
  const account = {
    email: `e2e-${randomUUID()}@example.com`,
    password: randomBytes(18).toString('base64url'),
  };
  const headers = cameFrom(newAddress());
  const path = '/auth/register';
  const answer = await client.send({ method: 'POST', path, headers, json: account });
  const device = deviceCookieOf(answer);
  if (device === undefined) throw new Error(`no device: ${answer.status} ${answer.body}`);
  const { access_token: accessToken } = answer.json as { readonly access_token: string };
  return { ...account, accessToken, device, userId: '', sessionId: '', cookie: '' };
}

const wrongly = ({ email }: Pick<Customer, 'email'>) => ({ email, password: 'a wrong password' });

const stranger = () => ({
  email: `nobody-${randomUUID()}@example.com`,
  password: 'whatever it is',
});

const guess = (account: Pick<Customer, 'email'>, at = {}): Promise<PublicResponse> =>
  signIn(client, wrongly(account), { from: newAddress(), ...at });

/** Uses up what an account has for strangers, from as many addresses. */
async function lock(account: Pick<Customer, 'email'>): Promise<void> {
  for (let count = 0; count < ATTEMPTS_PER_ACCOUNT; count += 1) {
    expect((await guess(account)).status).toBe(401);
  }
}

/** Guesses at an account from an address until there is a pause of two seconds. */
async function pause(account: Pick<Customer, 'email'>, from: string): Promise<void> {
  for (let count = 0; count < 4; count += 1) await guess(account, { from });
  await delay(1_000);
  await guess(account, { from });
}

const codeOf = ({ status, problem }: PublicResponse) => [status, problem?.code];
const TOO_MANY = [429, 'too_many_attempts'];

const secondsOf = ({ headers }: PublicResponse): number => Number(headers['retry-after']);

/** What somebody who guesses can tell two answers apart by. */
const visible = ({ status, headers, body, correlationId }: PublicResponse) => ({
  status,
  headers: { ...headers, date: undefined, 'x-correlation-id': undefined, ratelimit: undefined },
  body: body.replace(correlationId, ''),
});

const subjectsTo = (email: string): readonly string[] =>
  mailsTo(email, own.facts).map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1] ?? '');

describe('guesses at an account from one address', () => {
  it('are followed by pauses, in which the right password is not looked at either', async () => {
    const owner = await newOwner();
    const from = newAddress();
    for (let count = 0; count < 4; count += 1)
      expect((await guess(owner, { from })).status).toBe(401);
    const refused = await signIn(client, owner, { from });
    expect(codeOf(refused)).toEqual(TOO_MANY);
    expect(secondsOf(refused)).toBe(1);
    await delay(secondsOf(refused) * 1000);
    expect((await signIn(client, owner, { from })).status).toBe(200);
  });

  it('have longer pauses the more there are', async () => {
    const owner = await newOwner();
    const from = newAddress();
    for (let count = 0; count < 4; count += 1) await guess(owner, { from });
    await delay(1_000);
    expect((await guess(owner, { from })).status).toBe(401);
    expect(secondsOf(await guess(owner, { from }))).toBe(2);
  });

  it('are counted one by one when they are made at once', async () => {
    const owner = await newOwner();
    const from = newAddress();
    const answers = await Promise.all(Array.from({ length: 20 }, () => guess(owner, { from })));
    const looked = answers.filter(({ status }) => status === 401);
    expect(looked).toHaveLength(4);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(16);
  });

  it.each<[string, (from: string, owner: Owner) => Promise<unknown>]>([
    [
      'a sign-in to an account of the attacker',
      async (from) => signIn(client, await newOwner(), { from }),
    ],
    [
      'a sign-in of the attacker on a trusted device of their own',
      async (from) => {
        const eve = await newOwner();
        return signIn(client, eve, { from, device: eve.device });
      },
    ],
    [
      'another spelling of the address',
      async (from, { email }) => guess({ email: email.toUpperCase() }, { from }),
    ],
    ['a wait that is too short', async () => delay(300)],
  ])('are not set free by %s', async (_name, attempt) => {
    const owner = await newOwner();
    const from = newAddress();
    await pause(owner, from);
    await attempt(from, owner);
    expect(codeOf(await signIn(client, owner, { from }))).toEqual(TOO_MANY);
    expect((await signIn(client, owner, { from: newAddress() })).status).toBe(200);
  });

  it('come from the address that the proxy has seen, whatever the client says', async () => {
    const owner = await newOwner();
    const from = newAddress();
    for (let count = 0; count < 4; count += 1) {
      expect((await guess(owner, { from: `${newAddress()}, ${from}` })).status).toBe(401);
    }
    expect(codeOf(await guess(owner, { from: `${newAddress()}, ${from}` }))).toEqual(TOO_MANY);
  });
});

describe('an account that is locked by strangers', () => {
  it('takes no password from a stranger, not even the right one, until the lock ends', async () => {
    const owner = await newOwner();
    await lock(owner);
    const refused = await signIn(client, owner, { from: newAddress() });
    expect(codeOf(refused)).toEqual(TOO_MANY);
    expect(secondsOf(refused)).toBeGreaterThan(0);
    expect(secondsOf(refused)).toBeLessThanOrEqual(LOCK_SECONDS);
    await delay(secondsOf(refused) * 1000);
    expect((await signIn(client, owner, { from: newAddress() })).status).toBe(200);
  });

  it('lets its owner in on a device that is known, which lifts it for nobody else', async () => {
    const owner = await newOwner();
    await lock(owner);
    const answer = await signIn(client, owner, { from: newAddress(), device: owner.device });
    expect(answer.status).toBe(200);
    expect(codeOf(await signIn(client, owner, { from: newAddress() }))).toEqual(TOO_MANY);
    const device = deviceCookieOf(answer);
    expect((await signIn(client, owner, { from: newAddress(), device })).status).toBe(200);
  });

  it.each<[string, (owner: Owner) => Promise<string>]>([
    ['of another account', async () => (await newOwner()).device],
    ['that was made up', async () => deviceCookie(randomBytes(32).toString('base64url'))],
    ['that is malformed', async () => deviceCookie('none')],
    [
      'that was exchanged',
      async (owner) => {
        await signIn(client, owner, { from: newAddress(), device: owner.device });
        return owner.device;
      },
    ],
    [
      'that has expired',
      async (owner) => {
        await database(
          `UPDATE trusted_devices SET expires_at = now() WHERE account_id =
            (SELECT id FROM accounts WHERE email = $1)`,
          [owner.email],
        );
        return owner.device;
      },
    ],
    [
      'that was forgotten with a change of the password',
      async (owner) => {
        const json = { currentPassword: owner.password, newPassword: `${owner.password}!` };
        const { accessToken } = owner;
        const changed = await client.send({
          ...{ method: 'POST', path: '/auth/password', accessToken, json },
          headers: cameFrom(newAddress()),
        });
        expect(changed.status).toBe(200);
        return owner.device;
      },
    ],
    [
      'that was forgotten when a factor was put in use elsewhere',
      async (owner) => {
        const elsewhere = await signIn(client, owner, { from: newAddress() });
        const { access_token: accessToken } = elsewhere.json as { readonly access_token: string };
        await enrolTotp(client, { ...owner, accessToken });
        return owner.device;
      },
    ],
    [
      'as many as fit, all of others',
      async () => {
        const owners = await Promise.all([newOwner(), newOwner(), newOwner()]);
        return deviceCookie(...owners.map(({ device }) => device.split('=')[1] ?? ''));
      },
    ],
  ])('takes none from a device %s', async (_name, present) => {
    const owner = await newOwner();
    const device = await present(owner);
    await lock(owner);
    const answer = await signIn(client, owner, { from: newAddress(), device });
    expect(codeOf(answer)).toEqual(TOO_MANY);
    expect(deviceCookieOf(answer)).toBeUndefined();
  });

  it('is as closed to a known device that has used up its own attempts', async () => {
    const owner = await newOwner();
    const { device } = owner;
    await lock(owner);
    const answers = await Promise.all(Array.from({ length: 8 }, () => guess(owner, { device })));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(4);
    expect(secondsOf(await signIn(client, owner, { from: newAddress(), device }))).toBe(1);
  });

  it('is not locked by what its own device gets wrong', async () => {
    const owner = await newOwner();
    const { device } = owner;
    for (let count = 0; count < 4; count += 1) await guess(owner, { device });
    expect(codeOf(await signIn(client, owner, { from: newAddress(), device }))).toEqual(TOO_MANY);
    expect((await signIn(client, owner, { from: newAddress() })).status).toBe(200);
  });

  it('has its owner told once, and an event tells operators', async () => {
    const owner = await newOwner();
    await lock(owner);
    await Promise.all(Array.from({ length: 5 }, () => guess(owner)));
    await eventually(
      async () => subjectsTo(owner.email),
      (subjects) => subjects.length > 0,
    );
    await delay(1_500);
    expect(subjectsTo(owner.email)).toEqual(['Signing in to your account is locked for now']);
    const events = await database(
      `SELECT reason FROM security_events WHERE principal =
        (SELECT id::text FROM accounts WHERE email = $1) AND reason = 'password_sign_in_locked'`,
      [owner.email],
    );
    expect(events).toHaveLength(1);
  });

  it('lets its owner step up in a session, who has no more guesses there than elsewhere', async () => {
    const owner = await newOwner();
    await lock(owner);
    const stepUp = (password: string) =>
      client.send({
        ...{ method: 'POST', path: '/auth/step-up', accessToken: owner.accessToken },
        ...{ json: { password }, headers: cameFrom(newAddress()) },
      });
    expect((await stepUp(owner.password)).status).toBe(200);
    for (let count = 0; count < 4; count += 1) {
      expect((await stepUp('wrong wrong wrong')).status).toBe(401);
    }
    expect(codeOf(await stepUp(owner.password))).toEqual(TOO_MANY);
    // It lifts the lock for nobody else.
    expect(codeOf(await signIn(client, owner, { from: newAddress() }))).toEqual(TOO_MANY);
  });

  it('is answered for like one that there is none of', async () => {
    const [owner, nobody] = [await newOwner(), stranger()];
    await Promise.all([lock(owner), lock(nobody)]);
    const [one, other] = await Promise.all([
      signIn(client, owner, { from: newAddress() }),
      signIn(client, nobody, { from: newAddress() }),
    ]);
    const told = (answer: PublicResponse) => {
      const { headers, ...rest } = visible(answer);
      return { ...rest, headers: { ...headers, 'retry-after': undefined } };
    };
    expect(told(one)).toEqual(told(other));
    expect(Math.abs(secondsOf(one) - secondsOf(other))).toBeLessThanOrEqual(1);
  });

  it('is open again with a new password by mail', async () => {
    const owner = await newOwner();
    await lock(owner);
    const from = newAddress();
    const { token } = await resetMailFor(client, owner.email, cameFrom(from), own.facts);
    const password = randomBytes(18).toString('base64url');
    rememberSecret(password);
    expect((await confirmReset(client, token, password)).status).toBe(204);
    const { email } = owner;
    expect((await signIn(client, { email, password }, { from })).status).toBe(200);
    const known = await signIn(client, { email, password }, { from, device: owner.device });
    expect(known.status).toBe(200);
    await eventually(
      async () => subjectsTo(email),
      (subjects) => subjects.filter((subject) => subject.startsWith('A new')).length === 2,
    );
  });
});

describe('wrong codes', () => {
  it('of somebody who knows the password shut out strangers, and no known device', async () => {
    const owner = await newOwner();
    const ada = await enrolTotp(client, owner);
    const challenge = () => challengeFor(client, ada, cameFrom(newAddress()));
    for (let count = 0; count < ATTEMPTS_PER_ACCOUNT; count += 1) {
      const headers = cameFrom(newAddress());
      const answer = await verifyCode(client, await challenge(), 'wrong', { headers });
      expect(codeOf(answer)).toEqual([401, 'mfa_refused']);
    }
    const refused = await verifyCode(client, await challenge(), await totpCode(ada.secret), {
      headers: cameFrom(newAddress()),
    });
    expect(codeOf(refused)).toEqual(TOO_MANY);
    const known = await verifyCode(client, await challenge(), await totpCode(ada.secret), {
      headers: cameFrom(newAddress(), owner.device),
    });
    expect(known.status).toBe(200);
    await eventually(
      async () => subjectsTo(owner.email),
      (subjects) => subjects.includes('Too many wrong codes for your account'),
    );
  });
});

describe('a device cookie', () => {
  it('is no credential: alone it opens nothing, and it skips no factor', async () => {
    const owner = await newOwner();
    const { device } = owner;
    const headers = cameFrom(newAddress(), device);
    for (const path of ['/auth/me', '/oauth2/account']) {
      const answer = await client.send({ path, headers });
      expect(answer.body).not.toContain(owner.email);
    }
    const refreshed = await client.send({ method: 'POST', path: '/auth/refresh', headers });
    expect(codeOf(refreshed)).toEqual([401, 'invalid_grant']);
    expect((await guess(owner, { device })).status).toBe(401);
    await enrolTotp(client, owner);
    const answer = await signIn(client, owner, { from: newAddress(), device });
    expect(codeOf(answer)).toEqual([401, 'mfa_required']);
    expect(deviceCookieOf(answer)).toBeUndefined();
  });

  it('that an attacker has planted is of no use to them once its victim has signed in', async () => {
    const owner = await newOwner();
    const planted = (await newOwner()).device;
    const answer = await signIn(client, owner, { from: newAddress(), device: planted });
    expect(answer.status).toBe(200);
    await lock(owner);
    const attack = await signIn(client, owner, { from: newAddress(), device: planted });
    expect(codeOf(attack)).toEqual(TOO_MANY);
    const device = deviceCookieOf(answer);
    expect((await signIn(client, owner, { from: newAddress(), device })).status).toBe(200);
  });

  it('is set and read by the pages of the authorization server too', async () => {
    const owner = await newOwner();
    const { email, password } = owner;
    const browser = new Browser(client);
    const page = await browser.open('/oauth2/account');
    const inside = await browser.submit(page, '/login', { email, password });
    expect(inside.response.body).toContain(email);
    const device = browser.cookiesFor('/auth/login');
    expect(device).toMatch(/^__Host-sallyport-device=[\w-]{43}$/);
    rememberSecret(device.split('=')[1] ?? '');
    await lock(owner);
    const again = await browser.submit(page, '/login', { email, password });
    expect(again.response.body).toContain('this browser');
    const thief = new Browser(client);
    const refused = await thief.submit(page, '/login', { email, password });
    expect(refused.response.status).toBe(429);
    expect(refused.response.body).toMatch(/Try again in \d+ seconds?\./);
  });
});

describe('how long an answer takes says nothing of', () => {
  const PAIRS = 30;

  it('an account that is locked', async () => {
    const [owner, nobody] = [await newOwner(), stranger()];
    const [one, other] = await timedInTurns(
      PAIRS,
      () => guess(owner),
      () => guess(nobody),
    );
    // The first ones are looked at, which takes as long for both.
    expect(medianDifferenceLikelihood(one, other)).toBeGreaterThan(0.001);
  });

  it('an account with a second factor, at wrong passwords', async () => {
    const owners = await Promise.all(Array.from({ length: PAIRS / 5 }, newOwner));
    const known = await Promise.all(owners.map((owner) => enrolTotp(client, owner)));
    const unknown = known.map(stranger);
    const [one, other] = await timedInTurns(
      PAIRS,
      (index) => guess(known[index % known.length] ?? stranger()),
      (index) => guess(unknown[index % known.length] ?? stranger()),
    );
    expect(medianDifferenceLikelihood(one, other)).toBeGreaterThan(0.001);
  });
});

describe('an owner', () => {
  it('is told of a sign-in from a device that is not known, with the block it came from', async () => {
    const owner = await newOwner();
    const known = await signIn(client, owner, { from: newAddress(), device: owner.device });
    expect(known.status).toBe(200);
    const address = newAddress();
    const path = '/auth/login';
    const headers = [...cameFrom(address), ['User-Agent', 'curl/8.5.0 evil.example']] as const;
    const { email, password } = owner;
    await client.send({ method: 'POST', path, headers, json: { email, password } });
    const [mail = '', ...more] = await eventually(
      async () => mailsTo(owner.email, own.facts),
      (mails) => mails.length > 0,
    );
    expect(more).toEqual([]);
    expect(mail).toContain('Subject: A new sign in to your account');
    expect(mail).toContain(
      `a client named curl, from ${address.split('.').slice(0, 3).join('.')}.x.`,
    );
    expect(mail).not.toContain('evil');
  });
});

describe('without the shared state', () => {
  it('nobody is let in, from wherever, and everybody is again when it is back', async () => {
    const owner = await newOwner();
    await own.sharedState.interrupt();
    for (const device of [undefined, owner.device]) {
      const answer = await signIn(client, owner, { from: newAddress(), device });
      expect(answer.status).toBe(503);
    }
    await own.sharedState.restore();
    await eventually(
      async () => (await signIn(client, owner, { from: newAddress() })).status,
      (status) => status === 200,
    );
  });
});
