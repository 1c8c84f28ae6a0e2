import { randomBytes } from 'node:crypto';
import { makeApiKey } from '../src/api-keys';
import { askAuthDatabase } from '../src/auth-database';
import { Browser } from '../src/browser';
import { sharedCluster } from '../src/cluster-facts';
import { logIn, refresh, signInAs, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { confirmReset, resetMailFor } from '../src/mails';
import { EVIDENCE, needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import { authorizationRequest, authorizePath } from '../src/oauth-requests';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectProblem, expectRefused } from '../src/refusal.expectations';
import {
  askMfa,
  beginTotp,
  challengeFor,
  enrolTotp,
  totpCode,
  verifyCode,
} from '../src/second-factors';
import type { EnrolledCustomer } from '../src/second-factors';
import { rememberSecret } from '../src/secrets-in-use';

needs(...EVIDENCE, 'databases', 'outbox', 'seeded-accounts');

const VERIFY = ['POST /auth/mfa/verify', 'sallyport.mfa.v1.MfaService/CompleteLogin'];

const client = new PublicClient();
const evidence = new Evidence();

const enrolled = async (): Promise<EnrolledCustomer> => enrolTotp(client, await signUp(client));

const database = (sql: string, values: readonly unknown[]) =>
  askAuthDatabase(sharedCluster(), sql, values);

const statuses = (answers: readonly PublicResponse[]): readonly number[] =>
  answers.map(({ status }) => status).sort();

/** A code for a challenge that is not to be accepted, and what is to be accepted after it. */
interface Attempt {
  readonly mfaToken: string;
  readonly code: string;
  readonly method?: string;
}

type Attack = (ada: EnrolledCustomer) => Promise<Attempt>;

describe('a second factor', () => {
  it.each<readonly [attack: string, reason: string, make: Attack]>([
    [
      'a wrong code',
      'totp_code_refused',
      async (ada) => {
        const right = await totpCode(ada.secret);
        const code = right === '000000' ? '000001' : '000000';
        return { mfaToken: await challengeFor(client, ada), code };
      },
    ],
    [
      'the code of another account',
      'totp_code_refused',
      async (ada) => {
        const eve = await enrolled();
        return { mfaToken: await challengeFor(client, ada), code: await totpCode(eve.secret) };
      },
    ],
    [
      'the challenge of another account, with the own code',
      'totp_code_refused',
      async (ada) => {
        const eve = await enrolled();
        return { mfaToken: await challengeFor(client, eve), code: await totpCode(ada.secret) };
      },
    ],
    [
      'a code of before the window',
      'totp_code_refused',
      async (ada) => ({
        mfaToken: await challengeFor(client, ada),
        code: await totpCode(ada.secret, -4),
      }),
    ],
    [
      'a code of after the window',
      'totp_code_refused',
      async (ada) => ({
        mfaToken: await challengeFor(client, ada),
        code: await totpCode(ada.secret, 5),
      }),
    ],
    [
      'a code that was used with another challenge',
      'totp_code_replayed',
      async (ada) => {
        const code = await totpCode(ada.secret, 1);
        await verifyCode(client, await challengeFor(client, ada), code);
        return { mfaToken: await challengeFor(client, ada), code };
      },
    ],
    [
      'an older code than one that was used',
      'totp_code_replayed',
      async (ada) => {
        const code = await totpCode(ada.secret);
        const later = await totpCode(ada.secret, 1);
        await verifyCode(client, await challengeFor(client, ada), later);
        return { mfaToken: await challengeFor(client, ada), code };
      },
    ],
    [
      'a recovery code that was used',
      'recovery_code_refused',
      async (ada) => {
        const method = 'recovery_code';
        const [code = ''] = ada.recoveryCodes;
        await verifyCode(client, await challengeFor(client, ada), code, { method });
        return { mfaToken: await challengeFor(client, ada), code, method };
      },
    ],
    [
      'a recovery code of another account',
      'recovery_code_refused',
      async (ada) => {
        const [code = ''] = (await enrolled()).recoveryCodes;
        return { mfaToken: await challengeFor(client, ada), code, method: 'recovery_code' };
      },
    ],
    [
      'a recovery code as one of an app',
      'totp_code_refused',
      async (ada) => ({
        mfaToken: await challengeFor(client, ada),
        code: ada.recoveryCodes[0] ?? '',
      }),
    ],
    [
      'a challenge that was made up',
      'mfa_challenge_refused',
      async (ada) => ({
        mfaToken: randomBytes(32).toString('base64url'),
        code: await totpCode(ada.secret),
      }),
    ],
    [
      'the refresh token for a challenge',
      'mfa_challenge_refused',
      async (ada) => ({
        mfaToken: ada.cookie.split('=')[1] ?? '',
        code: await totpCode(ada.secret),
      }),
    ],
    [
      'a challenge that was met',
      'mfa_challenge_refused',
      async (ada) => {
        const mfaToken = await challengeFor(client, ada);
        await verifyCode(client, mfaToken, await totpCode(ada.secret));
        return { mfaToken, code: await totpCode(ada.secret, 1) };
      },
    ],
    [
      'a challenge that is past its end',
      'mfa_challenge_refused',
      async (ada) => {
        const mfaToken = await challengeFor(client, ada);
        await database('UPDATE mfa_challenges SET expires_at = now() WHERE account_id = $1', [
          ada.userId,
        ]);
        return { mfaToken, code: await totpCode(ada.secret) };
      },
    ],
    [
      'a challenge after five wrong codes',
      'mfa_challenge_refused',
      async (ada) => {
        const mfaToken = await challengeFor(client, ada);
        for (let tries = 0; tries < 5; tries += 1) await verifyCode(client, mfaToken, 'none');
        return { mfaToken, code: await totpCode(ada.secret) };
      },
    ],
    [
      'a challenge of before the recovery codes were made anew',
      'account_changed',
      async (ada) => {
        const mfaToken = await challengeFor(client, ada);
        await askMfa(client, ada, 'POST', '/recovery-codes');
        return { mfaToken, code: await totpCode(ada.secret) };
      },
    ],
    [
      'a challenge of an account that was locked',
      'account_changed',
      async (ada) => {
        const mfaToken = await challengeFor(client, ada);
        const lock = 'UPDATE accounts SET locked_at = now() WHERE id = $1';
        await database(lock, [ada.userId]);
        return { mfaToken, code: await totpCode(ada.secret) };
      },
    ],
  ])('is not passed by %s', async (_attack, reason, make) => {
    const ada = await enrolled();
    const { mfaToken, code, method } = await make(ada);
    const answer = await verifyCode(client, mfaToken, code, { ...(method && { method }) });
    const expected = { status: 401, code: 'mfa_refused', reason, handled: VERIFY };
    await expectRefused(answer, { evidence, ...expected });
    await database('UPDATE accounts SET locked_at = NULL WHERE id = $1', [ada.userId]);
    if (reason === 'account_changed') return;
    const last = ada.recoveryCodes[9] ?? '';
    const letIn = await verifyCode(client, await challengeFor(client, ada), last, {
      method: 'recovery_code',
    });
    await expectPassed(letIn, { evidence, handled: VERIFY });
  });

  it.each([
    ['a method there is not', { method: 'email' }],
    ['a code without end', { code: '1'.repeat(65) }],
    ['an account beside the challenge', { email: 'ada@example.com' }],
    ['a list of codes', { code: ['000000', '000001'] }],
  ])('is not asked about with %s', async (_attack, sent) => {
    const json = { mfaToken: 'a', method: 'totp', code: '000000', ...sent };
    const answer = await client.send({ method: 'POST', path: '/auth/mfa/verify', json });
    expect(answer.problem).toMatchObject({ status: 400, code: 'validation_failed' });
  });

  it('is not tried by a page of another origin', async () => {
    const ada = await enrolled();
    const mfaToken = await challengeFor(client, ada);
    const code = await totpCode(ada.secret);
    const headers = [['Origin', 'https://evil.example']] as const;
    const answer = await verifyCode(client, mfaToken, code, { headers });
    await expectRefused(answer, { evidence, status: 403, code: 'cross_site_request' });
    await expectPassed(await verifyCode(client, mfaToken, code), { evidence, handled: VERIFY });
  });
});

describe('one use means one', () => {
  const verifyAtOnce = async (
    ada: EnrolledCustomer,
    { challenges, code, method }: { challenges: number; code: string; method: string },
  ) => {
    const tokens: string[] = [];
    while (tokens.length < challenges) tokens.push(await challengeFor(client, ada));
    return Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        verifyCode(client, tokens[index % challenges] ?? '', code, { method }),
      ),
    );
  };

  it.each([
    ['code with one challenge', 'totp', 1],
    ['code with five challenges', 'totp', 5],
    ['recovery code with one challenge', 'recovery_code', 1],
    ['recovery code with five challenges', 'recovery_code', 5],
  ])('for the same %s, five times at once', async (_name, method, challenges) => {
    const ada = await enrolled();
    const code = method === 'totp' ? await totpCode(ada.secret) : (ada.recoveryCodes[0] ?? '');
    const answers = await verifyAtOnce(ada, { challenges, code, method });
    expect(statuses(answers)).toEqual([200, 401, 401, 401, 401]);
  });

  it('for the same code at the API and at the sign-in page', async () => {
    const ada = await enrolled();
    const code = await totpCode(ada.secret);
    await verifyCode(client, await challengeFor(client, ada), code);
    const page = await passwordAtPage(ada);
    const again = await page.browser.submit(page.at, '/code', { method: 'totp', code });
    expect(again.response.status).toBe(401);
    expect(again.response.body).toContain('The code is not right, or was used before.');
    const next = { method: 'totp', code: await totpCode(ada.secret, 1) };
    const consent = await page.browser.submit(again, '/code', next);
    expect(consent.response.body).toContain('/consent"');
    const atApi = await verifyCode(client, await challengeFor(client, ada), next.code);
    expect(atApi.problem).toMatchObject({ code: 'mfa_refused' });
  });
});

/** A browser at the page after the right password. */
async function passwordAtPage({ email, password }: Customer) {
  const { id } = await registerClient();
  const browser = new Browser(client);
  const signIn = await browser.open(authorizePath(authorizationRequest(id)));
  return { browser, signIn, at: await browser.submit(signIn, '/login', { email, password }) };
}

/** A browser at the account page's own sign-in after the right password. */
async function passwordAtAccount({ email, password }: Pick<Customer, 'email' | 'password'>) {
  const browser = new Browser(client);
  const signIn = await browser.open('/oauth2/account');
  return { browser, at: await browser.submit(signIn, '/login', { email, password }) };
}

describe('the password alone', () => {
  it('opens nothing, and says how to go on', async () => {
    const { email, password } = await enrolled();
    const json = { email, password };
    const answer = await client.send({ method: 'POST', path: '/auth/login', json });
    const members = {
      mfaToken: expect.stringMatching(/^[\w-]{43}$/) as string,
      methods: ['totp', 'recovery_code'],
      expiresIn: 300,
    };
    expectProblem(answer, { status: 401, code: 'mfa_required', members });
  });

  it('is told right or wrong no sooner than to anybody else', async () => {
    const [plain, ada] = [await signUp(client), await enrolled()];
    const [first, second] = await Promise.all(
      [plain, ada].map(({ email }) =>
        client.send({
          method: 'POST',
          path: '/auth/login',
          json: { email, password: 'a wrong password' },
        }),
      ),
    );
    const told = ({ status, json }: PublicResponse) => ({
      status,
      json: { ...(json as object), correlationId: undefined },
    });
    expect(first && told(first)).toEqual(second && told(second));
    expect(second?.problem).toMatchObject({ status: 401, code: 'invalid_credentials' });
  });

  it('makes no token of its challenge', async () => {
    const ada = await enrolled();
    const accessToken = await challengeFor(client, ada);
    const bearer = await client.send({ path: '/auth/me', accessToken });
    expect(bearer.problem).toMatchObject({ status: 401, code: 'invalid_token' });
    const cookie = `__Secure-sallyport-refresh=${accessToken}`;
    const refreshed = await refresh(client, { cookie });
    expect(refreshed.problem).toMatchObject({ status: 401, code: 'invalid_grant' });
  });

  it('gets no code of the authorization server, however the browser goes on', async () => {
    const ada = await enrolled();
    const { browser, signIn, at } = await passwordAtPage(ada);
    expect(at.response.body).toContain('autocomplete="one-time-code"');
    const path = signIn.url.pathname;
    const page = { url: at.url, response: { ...at.response, body: `action="${path}/consent"` } };
    const consent = await browser.submit(page, '/consent');
    expect(consent.response.body).toContain('autocomplete="one-time-code"');
    const resume = `/oauth2/authorize/${path.split('/').at(-1) ?? ''}`;
    for (const next of [path, resume, path]) {
      const { url, response } = await browser.open(next);
      expect(url.host).toBe(client.host);
      expect(url.searchParams.has('code')).toBe(false);
      expect(response.body).not.toContain('/consent"');
    }
  });

  it('opens no account page, and no way to a client by way of it', async () => {
    const ada = await enrolled();
    const { browser, at } = await passwordAtAccount(ada);
    expect(at.response.body).toContain('autocomplete="one-time-code"');
    expect(browser.cookiesFor('/oauth2/authorize')).not.toContain('signed-in');
    const wrong = await browser.submit(at, '/code', { method: 'totp', code: 'wrong' });
    expect(wrong.response.status).toBe(401);
    const { id } = await registerClient();
    const request = authorizePath({ ...authorizationRequest(id), prompt: 'none' });
    const silent = await browser.open(request);
    expect(silent.url.searchParams.get('error')).toBe('login_required');
    const elsewhere = new Browser(client);
    const none = await elsewhere.open('/oauth2/account');
    expect(none.response.body).toContain('type="password"');
    const code = await totpCode(ada.secret);
    const page = await browser.submit(wrong, '/code', { method: 'totp', code });
    expect(page.response.body).toContain(ada.email);
    expect(page.response.body).toContain('this browser');
  });

  it('is worth nothing in another browser, whose cookie names no challenge', async () => {
    const ada = await enrolled();
    const { at } = await passwordAtAccount(ada);
    const thief = new Browser(client);
    const fields = { method: 'totp', code: await totpCode(ada.secret) };
    const page = await thief.submit(at, '/code', fields);
    expect(page.response.body).toContain('type="password"');
    expect(thief.cookiesFor('/oauth2/account')).not.toContain('signed-in');
  });

  it('is asked for again at the account page after five wrong codes', async () => {
    const ada = await enrolled();
    const { browser, at } = await passwordAtAccount(ada);
    let page = at;
    for (let count = 0; count < 5; count += 1) {
      expect(page.response.body).toContain('autocomplete="one-time-code"');
      page = await browser.submit(page, '/code', { method: 'totp', code: 'wrong' });
    }
    expect(page.response.body).toContain('too many wrong codes');
    expect(page.response.body).toContain('type="password"');
    const fields = { method: 'totp', code: await totpCode(ada.secret) };
    const late = await browser.submit(at, '/code', fields);
    expect(late.response.body).toContain('type="password"');
  });

  it('gets nothing by what was remembered, nor by who was signed in before', async () => {
    const ada = await enrolled();
    const eve = await signUp(client);
    const { id } = await registerClient();
    const browser = new Browser(client);
    const request = authorizePath(authorizationRequest(id));
    const { email, password } = ada;
    const first = await browser.submit(await browser.open(request), '/login', { email, password });
    const fields = { method: 'totp', code: await totpCode(ada.secret) };
    await browser.submit(await browser.submit(first, '/code', fields), '/consent');
    // Somebody else in that browser, who leaves the way to the one with the factor.
    const prompt = authorizePath({ ...authorizationRequest(id), prompt: 'login' });
    const credentials = { email: eve.email, password: eve.password };
    const asEve = await browser.submit(await browser.open(prompt), '/login', credentials);
    expect(asEve.response.body).toContain(eve.email);
    const left = await browser.submit(asEve, '/switch');
    const at = await browser.submit(left, '/login', { email, password });
    expect(at.response.body).toContain('autocomplete="one-time-code"');
    const silent = await browser.open(
      authorizePath({ ...authorizationRequest(id), prompt: 'none' }),
    );
    expect(silent.url.searchParams.get('error')).toBe('login_required');
    const next = { method: 'totp', code: await totpCode(ada.secret, 1) };
    const back = await browser.submit(at, '/code', next);
    expect(back.url.searchParams.has('code')).toBe(true);
  });

  it('is not enough after a reset: the factor is still there, and asked for', async () => {
    const ada = await enrolled();
    const { token } = await resetMailFor(client, ada.email);
    // Long enough beside a factor, and too short alone.
    const password = randomBytes(6).toString('hex');
    rememberSecret(password);
    expect((await confirmReset(client, token, password)).status).toBe(204);
    const mfaToken = await challengeFor(client, { email: ada.email, password });
    const guessed = await verifyCode(client, mfaToken, '000000');
    expect(guessed.problem).toMatchObject({ status: 401, code: 'mfa_refused' });
    const { at } = await passwordAtAccount({ ...ada, password });
    expect(at.response.body).toContain('autocomplete="one-time-code"');
    const answer = await verifyCode(client, mfaToken, await totpCode(ada.secret));
    expect(answer.status).toBe(200);
    const { access_token: accessToken } = answer.json as { readonly access_token: string };
    const removed = await askMfa(client, { accessToken }, 'DELETE', '/totp', { password });
    expect(removed.problem).toMatchObject({ status: 409, code: 'longer_password_required' });
  });

  it('is met by no API with the name of an interaction', async () => {
    const ada = await enrolled();
    const { browser, signIn, at } = await passwordAtPage(ada);
    const uid = signIn.url.pathname.split('/').at(-1) ?? '';
    const code = await totpCode(ada.secret);
    for (const mfaToken of [uid, `interaction:${uid}`]) {
      const answer = await verifyCode(client, mfaToken, code);
      expect(answer.problem).toMatchObject({ status: 401, code: 'mfa_refused' });
    }
    const consent = await browser.submit(at, '/code', { method: 'totp', code });
    expect(consent.response.body).toContain('/consent"');
  });

  it('is asked for again at the page after five wrong codes', async () => {
    const ada = await enrolled();
    const { browser, at } = await passwordAtPage(ada);
    let page = at;
    for (let tries = 0; tries < 5; tries += 1) {
      page = await browser.submit(page, '/code', { method: 'totp', code: 'wrong' });
      expect(page.response.status).toBe(401);
    }
    expect(page.response.body).toContain('Sign in again.');
    expect(page.response.body).toContain('/login"');
  });

  it('opens no session for who guesses codes over many challenges', async () => {
    const ada = await enrolled();
    for (let tries = 0; tries < 6; tries += 1) {
      const guess = await verifyCode(client, await challengeFor(client, ada), 'wrong');
      expect(guess.status).toBe(401);
    }
    const code = await totpCode(ada.secret);
    const answer = await verifyCode(client, await challengeFor(client, ada), code);
    expect(answer.problem).toMatchObject({ status: 429, code: 'too_many_attempts' });
    expect(answer.headers['retry-after']).toBe('1');
  });
});

describe('a stolen access token', () => {
  it('confirms nothing that was not begun', async () => {
    const customer = await signUp(client);
    const answer = await askMfa(client, customer, 'POST', '/totp/confirm', { code: '000000' });
    expect(answer.problem).toMatchObject({ status: 401, code: 'mfa_refused' });
  });

  it('does not remove the app without the password, nor with a wrong one', async () => {
    const ada = await enrolled();
    const remove = (json: object) => askMfa(client, ada, 'DELETE', '/totp', json);
    expect((await remove({})).problem).toMatchObject({ status: 409, code: 'password_required' });
    const wrong = await remove({ password: 'a wrong password' });
    expect(wrong.problem).toMatchObject({ status: 401, code: 'invalid_credentials' });
    expect((await remove({ password: ada.password })).status).toBe(204);
  });

  it('confirms no app that somebody else enrols', async () => {
    const [ada, eve] = [await signUp(client), await signUp(client)];
    const secret = await beginTotp(client, ada);
    await beginTotp(client, eve);
    const code = await totpCode(secret);
    const stolen = await askMfa(client, eve, 'POST', '/totp/confirm', { code });
    expect(stolen.problem).toMatchObject({ status: 401, code: 'mfa_refused' });
    const own = await askMfa(client, ada, 'POST', '/totp/confirm', { code });
    expect(own.status).toBe(200);
  });

  it('confirms no app after its time', async () => {
    const ada = await signUp(client);
    const secret = await beginTotp(client, ada);
    await database('UPDATE totp_factors SET expires_at = now() WHERE account_id = $1', [
      ada.userId,
    ]);
    const late = await askMfa(client, ada, 'POST', '/totp/confirm', {
      code: await totpCode(secret),
    });
    expect(late.problem).toMatchObject({ status: 401, code: 'mfa_refused' });
    await expect(logIn(client, ada)).resolves.toBeDefined();
  });

  it('of another session ends when the app is confirmed, and so does its refresh token', async () => {
    const ada = await signUp(client);
    const thief = await logIn(client, ada);
    await enrolTotp(client, ada);
    expect((await refresh(client, thief)).problem).toMatchObject({ code: 'invalid_grant' });
    expect((await refresh(client, ada)).status).toBe(200);
  });

  it('cannot be an API key', async () => {
    const ada = await enrolled();
    const { key } = await makeApiKey(client, ada);
    for (const path of ['/auth/mfa', '/auth/me']) {
      const answer = await client.send({ path, headers: [['X-API-Key', key]] });
      expect(answer.problem).toMatchObject({ status: 403, code: 'session_required' });
    }
  });
});

describe('what is stored', () => {
  it('makes no code and is none', async () => {
    const ada = await enrolled();
    const rows = await database(
      `SELECT encode(sealed_secret, 'escape') AS kept FROM totp_factors WHERE account_id = $1
       UNION ALL SELECT encode(code_hash, 'escape') FROM recovery_codes WHERE account_id = $1`,
      [ada.userId],
    );
    expect(rows).toHaveLength(11);
    for (const secret of [ada.secret, ...ada.recoveryCodes]) {
      expect(JSON.stringify(rows)).not.toContain(secret);
    }
  });

  it('is no operator’s to read: an operator only removes it', async () => {
    const operator = await signInAs(client, 'operator@example.com');
    const answer = await askMfa(client, operator, 'GET');
    expect(answer.json).toEqual({ factors: [], recoveryCodesLeft: 0 });
  });
});
