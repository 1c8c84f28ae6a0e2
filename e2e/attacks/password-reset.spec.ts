import { randomBytes, randomUUID } from 'node:crypto';
import { askAuthDatabase, liveSessions } from '../src/auth-database';
import { sharedCluster } from '../src/cluster-facts';
import { logIn, refreshTokenOf, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { confirmReset, mailsTo, requestReset, resetMailFor } from '../src/mails';
import { medianDifferenceLikelihood, timedInTurns } from '../src/median-difference';
import { EVIDENCE, needs } from '../src/needs';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectNothingLeaked, expectRefused } from '../src/refusal.expectations';

needs(...EVIDENCE, 'databases', 'outbox');

const CONFIRM = [
  'POST /auth/password-reset/confirm',
  'sallyport.auth.v1.AuthService/ResetPassword',
];

const facts = sharedCluster();
const client = new PublicClient();
const evidence = new Evidence();

const newPassword = (): string => randomBytes(18).toString('base64url');

/** What somebody who guesses can tell two answers apart by. */
function visible({ status, headers, body, correlationId }: PublicResponse) {
  return {
    status,
    // What is left of the address's quota is one less with each attempt, whatever comes of it.
    headers: { ...headers, date: undefined, 'x-correlation-id': undefined, ratelimit: undefined },
    body: body.replace(correlationId, ''),
  };
}

async function operate(path: string, email: string): Promise<void> {
  const { accessToken } = await newOperator(client);
  const json = { account: email };
  const { status } = await client.send({ method: 'POST', path, accessToken, json });
  if (status !== 200) throw new Error(`expected 200, got ${status}`);
}

const digestOf = async ({ userId }: Customer): Promise<string> => {
  const [row] = await askAuthDatabase<{ readonly token_hash: Buffer }>(
    facts,
    'SELECT token_hash FROM password_resets WHERE account_id = $1 AND ended_at IS NULL',
    [userId],
  );
  return row?.token_hash.toString('base64url') ?? '';
};

describe('a link that does not work', () => {
  const CASES = 14;
  /** Of one owner each, asked for together: a mail takes a second. */
  let links: { readonly owner: Customer; readonly token: string }[];
  beforeAll(async () => {
    links = await Promise.all(
      Array.from({ length: CASES }, async () => {
        const owner = await signUp(client);
        return { owner, token: (await resetMailFor(client, owner.email)).token };
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
      presented: (token: string, owner: Customer) => Promise<string> | string,
    ]
  >([
    ['is made up', 'unknown', () => randomBytes(32).toString('base64url')],
    ['is half of one', 'unknown', (token) => token.slice(0, 42)],
    ['is one and more', 'unknown', (token) => `${token}A`],
    ['is what the database holds of it', 'unknown', (_token, owner) => digestOf(owner)],
    ['is another secret of the owner', 'unknown', (_token, owner) => refreshTokenOf(owner)],
    [
      'was used',
      'used',
      async (token) => {
        await confirmReset(client, token, newPassword());
        return token;
      },
    ],
    [
      'was replaced by a later one',
      'replaced',
      async (token, { email }) => {
        await resetMailFor(client, email);
        return token;
      },
    ],
    [
      'has run out',
      'expired',
      async (token, { userId }) => {
        const sql = 'UPDATE password_resets SET expires_at = now() WHERE account_id = $1';
        await askAuthDatabase(facts, sql, [userId]);
        return token;
      },
    ],
    [
      'was sent before the owner changed the password',
      'password_changed',
      async (token, { accessToken, password }) => {
        const json = { currentPassword: password, newPassword: newPassword() };
        await client.send({ method: 'POST', path: '/auth/password', accessToken, json });
        return token;
      },
    ],
    [
      'is of an account that was locked',
      'locked',
      async (token, { email }) => {
        await operate('/admin/accounts/lock', email);
        return token;
      },
    ],
    [
      'is of an account that is gone',
      'unknown',
      async (token, { email }) => {
        await operate('/admin/accounts/delete', email);
        return token;
      },
    ],
  ])('because it %s gets the one refusal there is', async (_what, why, presented) => {
    const { owner, token } = takeLink();
    const other = await confirmReset(client, 'made-up', newPassword());

    const answer = await confirmReset(client, await presented(token, owner), newPassword());

    expect(visible(answer)).toEqual(visible(other));
    await expectRefused(answer, {
      evidence,
      status: 400,
      code: 'password_reset_refused',
      reason: why === 'locked' ? 'account_locked' : `password_reset_${why}`,
      handled: CONFIRM,
    });
  });

  it.each([
    ['POST', '/auth/password-reset/confirm'],
    ['GET', '/auth/reset'],
    ['POST', '/auth/reset'],
  ])('is one in a URL: %s %s', async (method, path) => {
    const { token } = takeLink();
    const json = method === 'POST' && path.endsWith('confirm') && { password: newPassword() };
    const form = path === '/auth/reset' &&
      method === 'POST' && [['password', newPassword()] as const];

    const answer = await client.send({
      method,
      path: `${path}?token=${token}`,
      ...(json !== false && { json }),
      ...(form !== false && { form }),
    });

    await expectRefused(answer, { evidence, status: 400, code: 'credential_in_url' });
    expect((await confirmReset(client, token, newPassword())).status).toBe(204);
  });
});

describe('asking for a link', () => {
  it.each<readonly [whose: string, email: () => Promise<string>, reason: string]>([
    ['nobody', async () => `nobody-${randomUUID()}@example.com`, 'password_reset_unknown_account'],
    [
      'a locked account',
      async () => {
        const { email } = await signUp(client);
        await operate('/admin/accounts/lock', email);
        return email;
      },
      'account_locked',
    ],
  ])('for %s is answered as for anybody, and sends nothing', async (_whose, emailOf, reason) => {
    const email = await emailOf();
    const known = await requestReset(client, (await signUp(client)).email);

    const answer = await requestReset(client, email);

    expect(answer.status).toBe(202);
    expect(visible(answer)).toEqual(visible(known));
    const { correlationId } = answer;
    const { securityEvents } = await evidence.of(
      { correlationId },
      (traces) => traces.securityEvents.length > 0,
    );
    expect(securityEvents).toEqual([expect.objectContaining({ outcome: 'refused', reason })]);
    expect(JSON.stringify(securityEvents)).not.toContain(email);
    expect(mailsTo(email)).toEqual([]);
  });

  it('takes the same time for a known address and an unknown one', async () => {
    const known: Customer[] = [];
    for (let count = 0; count < 15; count += 1) known.push(await signUp(client));
    const kept = new PublicClient(facts, { connections: 1 });
    const ask = (email: string) => requestReset(kept, email);
    const strangers = known.map(() => `nobody-${randomUUID()}@example.com`);

    const [ofKnown, ofUnknown] = await timedInTurns(
      30,
      (index) => ask(known[index % 15]?.email ?? ''),
      (index) => ask(strangers[index % 15] ?? ''),
    );

    expect(medianDifferenceLikelihood(ofKnown, ofUnknown)).toBeGreaterThan(0.001);
  });

  it('too often is refused alike for a known address and an unknown one', async () => {
    const { email } = await signUp(client);
    const answers: PublicResponse[] = [];
    for (const asked of [email, `nobody-${randomUUID()}@example.com`]) {
      for (let count = 0; count < 5; count += 1) await requestReset(client, asked);
      answers.push(await requestReset(client, asked));
    }
    const [known, unknown] = answers;
    expect(known && visible(known)).toEqual(unknown && visible(unknown));
    for (const answer of answers) {
      await expectRefused(answer, {
        evidence,
        status: 429,
        code: 'too_many_attempts',
        handled: [
          'POST /auth/password-reset',
          'sallyport.auth.v1.AuthService/RequestPasswordReset',
        ],
      });
    }
  });

  it.each([
    'a@example.com\r\nBcc: b@example.com',
    'a@example.com,b@example.com',
    'a@example.com\u0000',
  ])('for %j, which would be more than an address, is refused', async (email) => {
    const answer = await requestReset(client, email);
    expect(answer).toMatchObject({ status: 400, problem: { code: 'email_invalid' } });
  });

  it('sends no link to where a header says the system is', async () => {
    const { email } = await signUp(client);
    const { mail } = await resetMailFor(client, email, [['X-Original-Host', 'evil.example']]);
    expect(mail).toContain(`${facts.gatewayUrl}/auth/reset#token=`);
    expect(mail).not.toContain('evil.example');
  });
});

describe('logging in', () => {
  it('takes the same time for a known address and an unknown one', async () => {
    const known: Customer[] = [];
    for (let count = 0; count < 6; count += 1) known.push(await signUp(client));
    const kept = new PublicClient(facts, { connections: 1 });
    const guess = (email: string) =>
      kept.send({
        method: 'POST',
        path: '/auth/login',
        json: { email, password: 'a wrong guess' },
      });

    const [ofKnown, ofUnknown] = await timedInTurns(
      30,
      (index) => guess(known[index % 6]?.email ?? ''),
      (index) => guess(`nobody-${index % 6}-${known[0]?.email ?? ''}`),
    );

    expect(medianDifferenceLikelihood(ofKnown, ofUnknown)).toBeGreaterThan(0.001);
  });
});

describe('a link that works', () => {
  it('is used once, however many use it at once', async () => {
    const owner = await signUp(client);
    const { token } = await resetMailFor(client, owner.email);
    const passwords = Array.from({ length: 5 }, newPassword);

    const answers = await Promise.all(
      passwords.map((password) => confirmReset(client, token, password)),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([204, 400, 400, 400, 400]);
    const winner = passwords[answers.findIndex(({ status }) => status === 204)] ?? '';
    await expect(logIn(client, { email: owner.email, password: winner })).resolves.toBeDefined();
  });

  it.each([
    ['password_too_short', () => 'short'],
    ['password_too_common', () => 'PasswordPassword'],
    ['password_too_personal', ({ email }: Customer) => email],
  ])('is left as it is by what is %s', async (code, chosen) => {
    const owner = await signUp(client);
    const { token } = await resetMailFor(client, owner.email);

    const answer = await confirmReset(client, token, chosen(owner));

    expect(answer).toMatchObject({ status: 400, problem: { code } });
    expectNothingLeaked(answer.body);
    expect((await confirmReset(client, token, newPassword())).status).toBe(204);
  });

  it('puts out everybody who is in, opens no session, and has the owner told', async () => {
    const owner = await signUp(client);
    const thief = await logIn(client, owner);
    const { token } = await resetMailFor(client, owner.email);
    const password = newPassword();

    const answer = await confirmReset(client, token, password);

    expect(answer.status).toBe(204);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(await liveSessions(facts, [owner.sessionId, thief.sessionId])).toEqual([]);
    const { accessToken } = thief;
    const refused = await client.send({ path: '/auth/me', accessToken });
    expect(refused).toMatchObject({ status: 401, problem: { code: 'invalid_token' } });
    await expect(logIn(client, owner)).rejects.toThrow('401');
    await expect(logIn(client, { email: owner.email, password })).resolves.toBeDefined();
  });
});

describe('the page for a link', () => {
  it('does not use the link up when something looks at it beforehand', async () => {
    const owner = await signUp(client);
    const { token } = await resetMailFor(client, owner.email);
    for (const method of ['GET', 'HEAD']) await client.send({ method, path: '/auth/reset' });
    expect((await confirmReset(client, token, newPassword())).status).toBe(204);
  });

  it('gives back what a form holds as text alone', async () => {
    const form = [
      ['token', '"><script>alert(1)</script>'],
      ['password', newPassword()],
    ] as const;
    const answer = await client.send({ method: 'POST', path: '/auth/reset', form });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('&quot;&gt;&lt;script&gt;');
    expect(answer.body.match(/<script/g)).toHaveLength(1);
  });

  it.each(['/auth/reset', '/auth/forgot'])(
    '%s runs no foreign script, is framed by nobody, and is kept nowhere',
    async (path) => {
      const { headers, body } = await client.send({ path });
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
      );
      expect(headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      });
      expect(body).not.toMatch(/<script>|\son\w+=|style=|https?:/);
    },
  );
});
