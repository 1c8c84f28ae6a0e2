import { randomBytes, randomUUID } from 'node:crypto';
import { askAuthDatabase } from '../src/auth-database';
import { logIn, refreshTokenOf, signedIn, signInAs } from '../src/customers';
import type { Customer } from '../src/customers';
import { eventually } from '../src/eventually';
import { Evidence } from '../src/evidence';
import { confirmReset, linkIn, mailsTo, requestReset } from '../src/mails';
import { medianDifferenceLikelihood, timedInTurns } from '../src/median-difference';
import { needs } from '../src/needs';
import { startOwnCluster } from '../src/own-cluster';
import type { OwnCluster } from '../src/own-cluster';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectNothingLeaked, expectProblem, expectRefused } from '../src/refusal.expectations';

needs('own-cluster');

const START_MS = 120_000;
const REGISTER = ['POST /auth/register', 'sallyport.auth.v1.AuthService/Register'];
const CONFIRM = [
  'POST /auth/register/confirm',
  'sallyport.auth.v1.AuthService/ConfirmRegistration',
];

let own: OwnCluster;
let client: PublicClient;
let evidence: Evidence;
beforeAll(async () => {
  const settings = { REGISTRATION: 'confirmed', REGISTRATIONS_PER_ADDRESS: '100000' };
  own = await startOwnCluster({ 'auth-service': settings });
  client = new PublicClient(own.facts);
  evidence = new Evidence(own.facts);
}, START_MS);
afterAll(async () => {
  client.close();
  await own.stop();
}, START_MS);

const newEmail = (): string => `e2e-${randomUUID()}@example.com`;
const newPassword = (): string => randomBytes(18).toString('base64url');

const register = (email: string, password?: string): Promise<PublicResponse> =>
  client.send({ method: 'POST', path: '/auth/register', json: { email, password } });
const confirm = (token: string, password: string): Promise<PublicResponse> =>
  client.send({ method: 'POST', path: '/auth/register/confirm', json: { token, password } });
const ask = (sql: string, values: readonly unknown[]) =>
  askAuthDatabase<{ readonly token_hash: Buffer }>(own.facts, sql, values);

/** Asks for an account, waits for the mail, and gives the token in it. */
async function linkFor(email: string, before = 0): Promise<string> {
  expect((await register(email, newPassword())).status).toBe(202);
  return linkIn(email, own.facts, before);
}

/** Somebody who has confirmed. */
async function signUpByMail(email = newEmail()): Promise<Customer> {
  const password = newPassword();
  return signedIn(await confirm(await linkFor(email), password), { email, password });
}

/** An account that was there before. */
async function addAccount(email = newEmail()): Promise<string> {
  const sql = `INSERT INTO accounts (email, password_hash, scopes, created_at, password_changed_at)
    SELECT $1, password_hash, '{}', now(), now() FROM accounts WHERE email = 'alice@example.com'`;
  await ask(sql, [email]);
  return email;
}

/** What somebody who guesses can tell two answers apart by. */
function visible({ status, headers, body, correlationId }: PublicResponse) {
  return {
    status,
    // What is left of the address's quota is one less with each attempt, whatever comes of it.
    headers: { ...headers, date: undefined, 'x-correlation-id': undefined, ratelimit: undefined },
    body: body.replace(correlationId, ''),
  };
}

describe('a link that does not work', () => {
  const CASES = 12;
  /** Asked for together: a mail takes a second. */
  let links: { readonly email: string; readonly token: string }[];
  beforeAll(async () => {
    links = await Promise.all(
      Array.from({ length: CASES }, async () => {
        const email = newEmail();
        return { email, token: await linkFor(email) };
      }),
    );
  });
  function takeLink() {
    const link = links.pop();
    if (link === undefined) throw new Error('there are more cases than links');
    return link;
  }

  it.each<
    readonly [
      what: string,
      reason: string,
      presented: (token: string, email: string) => Promise<string> | string,
    ]
  >([
    ['is made up', 'unknown', () => randomBytes(32).toString('base64url')],
    ['is half of one', 'unknown', (token) => token.slice(0, 42)],
    ['is one and more', 'unknown', (token) => `${token}A`],
    [
      'is what the database holds of it',
      'unknown',
      async (_token, email) => {
        const sql = 'SELECT token_hash FROM pending_registrations WHERE email = $1';
        return (await ask(sql, [email]))[0]?.token_hash.toString('base64url') ?? '';
      },
    ],
    [
      'is a refresh token of somebody else',
      'unknown',
      async () => refreshTokenOf(await signInAs(client, 'alice@example.com', own.facts)),
    ],
    [
      'is for a new password',
      'unknown',
      async () => {
        const email = await addAccount();
        await requestReset(client, email);
        return linkIn(email, own.facts);
      },
    ],
    [
      'was used',
      'used',
      async (token) => {
        expect((await confirm(token, newPassword())).status).toBe(201);
        return token;
      },
    ],
    [
      'is one of two, of which the other was used',
      'superseded',
      async (token, email) => {
        expect((await confirm(await linkFor(email, 1), newPassword())).status).toBe(201);
        return token;
      },
    ],
    [
      'has run out',
      'expired',
      async (token, email) => {
        await ask('UPDATE pending_registrations SET expires_at = now() WHERE email = $1', [email]);
        return token;
      },
    ],
    [
      'is for an address that has an account meanwhile',
      'used',
      async (token, email) => {
        await addAccount(email);
        return token;
      },
    ],
  ])('because it %s gets the one refusal there is', async (_what, why, presented) => {
    const { email, token } = takeLink();
    const shown = await presented(token, email);
    const other = await confirm('made-up', newPassword());
    const password = newPassword();

    const answer = await confirm(shown, password);

    expect(visible(answer)).toEqual(visible(other));
    await expectRefused(answer, {
      ...{ evidence, status: 400, code: 'registration_confirmation_refused' },
      ...{ reason: `registration_link_${why}`, handled: CONFIRM },
    });
    await expect(logIn(client, { email, password })).rejects.toThrow('401');
  });

  it.each([
    ['POST', '/auth/register/confirm'],
    ['GET', '/auth/confirm'],
  ])('is one in a URL: %s %s', async (method, path) => {
    const { token } = takeLink();
    const json = { password: newPassword() };
    const body = method === 'POST' ? { json } : {};
    const answer = await client.send({ method, path: `${path}?token=${token}`, ...body });

    await expectRefused(answer, { evidence, status: 400, code: 'credential_in_url' });
    expect((await confirm(token, newPassword())).status).toBe(201);
  });
});

describe('registering', () => {
  it('is answered alike for a new address, a known one and a locked one, whose owners alone are told', async () => {
    const [fresh, known, locked] = [newEmail(), await addAccount(), await addAccount()];
    await ask('UPDATE accounts SET locked_at = now() WHERE email = $1', [locked]);
    const password = newPassword();

    const answers: PublicResponse[] = [];
    for (const email of [fresh, known, locked]) answers.push(await register(email, password));

    const [first] = answers;
    for (const answer of answers) {
      expect(first && visible(answer)).toEqual(first && visible(first));
      expect(answer).toMatchObject({ status: 202, body: '' });
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    const reasons = ['registration_requested', 'registration_known_account', 'account_locked'];
    for (const [index, reason] of reasons.entries()) {
      const { correlationId } = answers[index] ?? { correlationId: '' };
      const { securityEvents } = await evidence.of(
        { correlationId },
        (traces) => traces.securityEvents.length > 0,
      );
      expect(securityEvents).toEqual([expect.objectContaining({ reason })]);
      expect(JSON.stringify(securityEvents)).not.toContain('@example.com');
    }
    await linkIn(fresh, own.facts);
    const [notice] = await eventually(
      async () => mailsTo(known, own.facts),
      (mails) => mails.length > 0,
    );
    expect(notice).toContain('There is one already');
    expect(notice).not.toContain('#token=');
    expect(mailsTo(locked, own.facts)).toEqual([]);
  });

  it('takes the same time for a known address and an unknown one', async () => {
    const known = await Promise.all(Array.from({ length: 10 }, () => addAccount()));
    const unknown = known.map(newEmail);
    const password = newPassword();
    const kept = new PublicClient(own.facts, { connections: 1 });
    const attempt = (email = '') =>
      kept.send({ method: 'POST', path: '/auth/register', json: { email, password } });

    const [ofKnown, ofUnknown] = await timedInTurns(
      30,
      (index) => attempt(known[index % 10]),
      (index) => attempt(unknown[index % 10]),
    );
    kept.close();

    expect(medianDifferenceLikelihood(ofKnown, ofUnknown)).toBeGreaterThan(0.001);
  });

  it('too often is refused alike for a known address and an unknown one', async () => {
    const answers: PublicResponse[] = [];
    for (const email of [await addAccount(), newEmail()]) {
      for (let count = 0; count < 5; count += 1) await register(email);
      answers.push(await register(email));
    }
    const [known, unknown] = answers;
    expect(known && visible(known)).toEqual(unknown && visible(unknown));
    for (const answer of answers) {
      const code = 'too_many_attempts';
      await expectRefused(answer, { evidence, status: 429, code, handled: REGISTER });
    }
  });

  it.each<readonly [code: string, password: string]>([
    ['password_too_short', 'short'],
    ['password_too_common', 'PasswordPassword'],
  ])('with a password that is %s is refused alike', async (code, password) => {
    const answers = [
      await register(await addAccount(), password),
      await register(newEmail(), password),
    ] as const;
    for (const answer of answers) expectProblem(answer, { status: 400, code });
    expect(visible(answers[0])).toEqual(visible(answers[1]));
  });

  it.each([
    'a@example.com\r\nBcc: b@example.com',
    'a@example.com,b@example.com',
    'a@example.com\u0000',
  ])('for %j, which would be more than an address, is refused', async (email) => {
    const answer = await register(email, newPassword());
    expect(answer).toMatchObject({ status: 400, problem: { code: 'email_invalid' } });
  });

  it('opens no account: nobody signs in with what was sent, and no reset finds one', async () => {
    const [email, password] = [newEmail(), newPassword()];
    await register(email, password);
    await linkIn(email, own.facts);

    const refused = await client.send({
      ...{ method: 'POST', path: '/auth/login', json: { email, password } },
    });
    expectProblem(refused, { status: 401, code: 'invalid_credentials' });
    const asked = await requestReset(client, email);
    const { securityEvents } = await evidence.of(
      { correlationId: asked.correlationId },
      (traces) => traces.securityEvents.length > 0,
    );
    expect(securityEvents).toMatchObject([{ reason: 'password_reset_unknown_account' }]);
  });

  it('an address that has an account changes nothing about it', async () => {
    const owner = await signUpByMail();
    await register(owner.email, newPassword());
    await eventually(
      async () => mailsTo(owner.email, own.facts),
      (mails) => mails.length > 1,
    );

    const { accessToken } = owner;
    expect(await client.send({ path: '/auth/me', accessToken })).toMatchObject({ status: 200 });
    await expect(logIn(client, owner)).resolves.toMatchObject({ userId: owner.userId });
  });

  it("somebody else's address chooses no password for them (pre-hijacking)", async () => {
    const victim = newEmail();
    const [ofAttacker, ofVictim] = [newPassword(), newPassword()];
    await register(victim, ofAttacker);
    await register(victim, ofAttacker);

    // The victim opens whichever link comes first, in good faith.
    const answer = await confirm(await linkIn(victim, own.facts), ofVictim);

    expect(answer.status).toBe(201);
    await expect(logIn(client, { email: victim, password: ofAttacker })).rejects.toThrow('401');
    await expect(logIn(client, { email: victim, password: ofVictim })).resolves.toBeDefined();
    const later = await confirm(await linkIn(victim, own.facts, 1), ofAttacker);
    expectProblem(later, { status: 400, code: 'registration_confirmation_refused' });
  });
});

describe('a link that works', () => {
  it('is used once, however many use it at once', async () => {
    const email = newEmail();
    const token = await linkFor(email);
    const passwords = Array.from({ length: 5 }, newPassword);

    const answers = await Promise.all(passwords.map((password) => confirm(token, password)));

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400, 400]);
    const winner = passwords[answers.findIndex(({ status }) => status === 201)] ?? '';
    await expect(logIn(client, { email, password: winner })).resolves.toBeDefined();
  });

  it('opens one account when two for one address are used at once', async () => {
    const email = newEmail();
    const tokens = [await linkFor(email), await linkFor(email, 1)];

    const answers = await Promise.all(tokens.map((token) => confirm(token, newPassword())));

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400]);
  });

  it.each([
    ['password_too_short', () => 'short'],
    ['password_too_common', () => 'PasswordPassword'],
    ['password_too_personal', (email: string) => email],
  ])('is left as it is by what is %s', async (code, chosen) => {
    const email = newEmail();
    const token = await linkFor(email);

    const answer = await confirm(token, chosen(email));

    expect(answer).toMatchObject({ status: 400, problem: { code } });
    expectNothingLeaked(answer.body);
    expect((await confirm(token, newPassword())).status).toBe(201);
  });

  it('is not used by the page of another site, which would sign a visitor in to its own account', async () => {
    const token = await linkFor(newEmail());
    const json = { token, password: newPassword() };
    const headers = [['Origin', 'https://evil.example']] as const;
    const path = '/auth/register/confirm';
    const answer = await client.send({ method: 'POST', path, headers, json });

    await expectRefused(answer, { evidence, status: 403, code: 'cross_site_request' });
    expect((await confirm(token, newPassword())).status).toBe(201);
  });

  it('is of no use for a new password', async () => {
    const answer = await confirmReset(client, await linkFor(newEmail()), newPassword());
    expectProblem(answer, { status: 400, code: 'password_reset_refused' });
  });

  it('is used by the page, which opens no session', async () => {
    const email = newEmail();
    const [token, password] = [await linkFor(email), newPassword()];
    for (const method of ['GET', 'HEAD']) await client.send({ method, path: '/auth/confirm' });
    const form = [
      ['token', token],
      ['password', password],
    ] as const;
    const answer = await client.send({ method: 'POST', path: '/auth/confirm', form });

    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toBeUndefined();
    await expect(logIn(client, { email, password })).resolves.toBeDefined();
  });
});

describe('the page for a link', () => {
  it('gives back what a form holds as text alone', async () => {
    const form = [
      ['token', '"><script>alert(1)</script>'],
      ['password', newPassword()],
    ] as const;
    const answer = await client.send({ method: 'POST', path: '/auth/confirm', form });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('&quot;&gt;&lt;script&gt;');
    expect(answer.body.match(/<script/g)).toHaveLength(1);
  });

  it('runs no foreign script, is framed by nobody, and is kept nowhere', async () => {
    const { headers, body } = await client.send({ path: '/auth/confirm' });
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    );
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(body).not.toMatch(/<script>|\son\w+=|style=|https?:/);
  });
});
