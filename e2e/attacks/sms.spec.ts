import { readFileSync } from 'node:fs';
import { askAuthDatabase } from '../src/auth-database';
import { makeApiKey } from '../src/api-keys';
import { sharedCluster } from '../src/cluster-facts';
import { logIn, refresh, signUp } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import { expectPassed, expectProblem, expectRefused } from '../src/refusal.expectations';
import { askMfa, challengeFor, enrolTotp, totpCode, verifyCode } from '../src/second-factors';
import {
  beginPhone,
  codeFor,
  confirmPhone,
  enrolPhone,
  lastCodeTo,
  messagesTo,
  newPhoneNumber,
  otherThan,
  sendCode,
} from '../src/text-messages';
import type { PhoneCustomer } from '../src/text-messages';

needs(...EVIDENCE, 'databases', 'outbox');

const VERIFY = ['POST /auth/mfa/verify', 'sallyport.mfa.v1.MfaService/CompleteLogin'];
const METHOD = { method: 'sms' } as const;

const client = new PublicClient();
const evidence = new Evidence();

const enrolled = async (): Promise<PhoneCustomer> => enrolPhone(client, await signUp(client));

const database = (sql: string, values: readonly unknown[]) =>
  askAuthDatabase(sharedCluster(), sql, values);

/** As if the last message of an account had been sent so long ago. */
const age = ({ userId }: Pick<PhoneCustomer, 'userId'>, seconds: number) =>
  database(
    `UPDATE sms_codes SET created_at = created_at - make_interval(secs => $2),
       expires_at = expires_at - make_interval(secs => $2)
     WHERE factor_id IN (SELECT id FROM phone_factors WHERE account_id = $1)`,
    [userId, seconds],
  );

interface Attempt {
  readonly mfaToken: string;
  readonly code: string;
}

type Attack = (ada: PhoneCustomer) => Promise<Attempt>;

describe('a code by text message', () => {
  it.each<readonly [attack: string, reason: string, make: Attack]>([
    [
      'a wrong code',
      'sms_code_refused',
      async (ada) => {
        const mfaToken = await challengeFor(client, ada);
        return { mfaToken, code: otherThan(await codeFor(client, mfaToken, ada)) };
      },
    ],
    [
      'a code that nobody asked for',
      'sms_code_refused',
      async (ada) => ({ mfaToken: await challengeFor(client, ada), code: '123456' }),
    ],
    [
      'the code that confirmed the number',
      'sms_code_refused',
      async (ada) => ({
        mfaToken: await challengeFor(client, ada),
        code: lastCodeTo(ada.phoneNumber),
      }),
    ],
    [
      'the code of another account',
      'sms_code_refused',
      async (ada) => {
        const eve = await enrolled();
        const code = await codeFor(client, await challengeFor(client, eve), eve);
        return { mfaToken: await challengeFor(client, ada), code };
      },
    ],
    [
      'the code of another sign-in of the same account',
      'sms_code_refused',
      async (ada) => {
        const code = await codeFor(client, await challengeFor(client, ada), ada);
        return { mfaToken: await challengeFor(client, ada), code };
      },
    ],
    [
      'a code that was replaced by another one',
      'sms_code_refused',
      async (ada) => {
        const mfaToken = await challengeFor(client, ada);
        const code = await codeFor(client, mfaToken, ada);
        await age(ada, 30);
        const next = await codeFor(client, mfaToken, ada);
        return { mfaToken, code: code === next ? otherThan(next) : code };
      },
    ],
    [
      'a code of more than five minutes ago',
      'sms_code_refused',
      async (ada) => {
        const mfaToken = await challengeFor(client, ada);
        const code = await codeFor(client, mfaToken, ada);
        await age(ada, 300);
        return { mfaToken, code };
      },
    ],
    [
      'a code that was used',
      'mfa_challenge_refused',
      async (ada) => {
        const mfaToken = await challengeFor(client, ada);
        const code = await codeFor(client, mfaToken, ada);
        await verifyCode(client, mfaToken, code, METHOD);
        return { mfaToken, code };
      },
    ],
    [
      'a code that was used, with another sign-in',
      'sms_code_refused',
      async (ada) => {
        const first = await challengeFor(client, ada);
        const code = await codeFor(client, first, ada);
        await verifyCode(client, first, code, METHOD);
        return { mfaToken: await challengeFor(client, ada), code };
      },
    ],
    [
      'a code after five tries',
      'mfa_challenge_refused',
      async (ada) => {
        const mfaToken = await challengeFor(client, ada);
        const code = await codeFor(client, mfaToken, ada);
        for (let tries = 0; tries < 5; tries += 1) {
          await verifyCode(client, mfaToken, otherThan(code), METHOD);
        }
        return { mfaToken, code };
      },
    ],
    [
      'a code for a number that was replaced meanwhile',
      'sms_code_refused',
      async (ada) => {
        const mfaToken = await challengeFor(client, ada);
        const code = await codeFor(client, mfaToken, ada);
        await enrolPhone(client, ada);
        return { mfaToken, code };
      },
    ],
  ])('does not work as %s', async (_attack, reason, make) => {
    const ada = await enrolled();
    const { mfaToken, code } = await make(ada);
    const answer = await verifyCode(client, mfaToken, code, METHOD);
    const expected = { status: 401, code: 'mfa_refused', reason, handled: VERIFY };
    await expectRefused(answer, { evidence, ...expected });
    const last = ada.recoveryCodes[9] ?? '';
    const letIn = await verifyCode(client, await challengeFor(client, ada), last, {
      method: 'recovery_code',
    });
    await expectPassed(letIn, { evidence, handled: VERIFY });
  });

  it('lets one of those in who give it at once', async () => {
    const ada = await enrolled();
    const mfaToken = await challengeFor(client, ada);
    const code = await codeFor(client, mfaToken, ada);
    const given = Array.from({ length: 6 }, () => verifyCode(client, mfaToken, code, METHOD));
    const statuses = (await Promise.all(given)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 401, 401, 401, 401, 401]);
  });

  it('is no code of an app, nor an app’s one of a message', async () => {
    const ada = await enrolled();
    const { secret } = await enrolTotp(client, ada);
    const mfaToken = await challengeFor(client, ada);
    const code = await codeFor(client, mfaToken, ada);
    const swapped = [
      await verifyCode(client, mfaToken, code, { method: 'totp' }),
      await verifyCode(client, mfaToken, await totpCode(secret), METHOD),
    ];
    for (const { problem } of swapped) {
      expect(problem).toMatchObject({ status: 401, code: 'mfa_refused' });
    }
    expect((await verifyCode(client, mfaToken, code, METHOD)).status).toBe(200);
  });
});

describe('sending codes', () => {
  it.each([
    ['no challenge', async () => 'a'.repeat(43)],
    ['the name of an interaction', async () => 'interaction:abc'],
    [
      'a challenge of somebody who has an app and no number',
      async () => challengeFor(client, await enrolTotp(client, await signUp(client))),
    ],
  ])('is refused for %s, as everything is', async (_name, tokenOf) => {
    const answer = await sendCode(client, await tokenOf());
    expectProblem(answer, { status: 401, code: 'mfa_refused' });
    const ada = await enrolled();
    expect((await sendCode(client, await challengeFor(client, ada))).status).toBe(202);
  });

  it('is refused a moment after the last one, which is told', async () => {
    const ada = await enrolled();
    const mfaToken = await challengeFor(client, ada);
    await codeFor(client, mfaToken, ada);
    const before = messagesTo(ada.phoneNumber).length;
    const floods = await Promise.all(Array.from({ length: 6 }, () => sendCode(client, mfaToken)));
    for (const answer of floods) {
      expectProblem(answer, { status: 429, code: 'too_many_attempts' });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(30);
    }
    expect(messagesTo(ada.phoneNumber)).toHaveLength(before);
  });

  it('goes to one number five times in an hour, whoever asks and for which account', async () => {
    const phoneNumber = newPhoneNumber();
    const ada = await enrolPhone(client, await signUp(client), phoneNumber);
    const before = messagesTo(phoneNumber).length;
    const eve = await signUp(client);
    const statuses: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      statuses.push((await beginPhone(client, eve, phoneNumber)).status);
    }
    expect(statuses).toEqual([202, 202, 202, 202, 429]);
    expect(messagesTo(phoneNumber)).toHaveLength(before + 4);
    const answer = await sendCode(client, await challengeFor(client, ada));
    expectProblem(answer, { status: 429, code: 'too_many_attempts' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(60);
    expect((await beginPhone(client, eve, newPhoneNumber())).status).toBe(202);
  });

  it('goes out ten times in an hour for one account, whatever the numbers', async () => {
    const eve = await signUp(client);
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1) {
      statuses.push((await beginPhone(client, eve, newPhoneNumber())).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 202), 429]);
    expect((await beginPhone(client, await signUp(client), newPhoneNumber())).status).toBe(202);
  });

  it('is not asked by a page of another origin', async () => {
    const ada = await enrolled();
    const mfaToken = await challengeFor(client, ada);
    const answer = await sendCode(client, mfaToken, [['Origin', 'https://evil.example']]);
    await expectRefused(answer, { evidence, status: 403, code: 'cross_site_request' });
    expect((await sendCode(client, mfaToken)).status).toBe(202);
  });

  it.each([
    ['no number', 'none'],
    ['a short code', '+11212'],
    ['a premium number', '+19005550123'],
    ['a toll-free number', '+18005550199'],
    ['a landline', '+4930123456'],
    ['a country that is not served', '+33612345678'],
    ['such a country behind a calling code that is', '+18765550123'],
    ['a number and a form field', '+12025550123&To=+12025550124'],
  ])('is not done to %s', async (_name, phoneNumber) => {
    const eve = await signUp(client);
    const answer = await beginPhone(client, eve, phoneNumber);
    expect(answer.problem).toMatchObject({ status: 400, code: 'phone_number_refused' });
    expect((await beginPhone(client, eve, newPhoneNumber())).status).toBe(202);
  });

  it.each([undefined, false, 'true', 1])(
    'is not done for somebody who accepts the risk by %j',
    async (acceptsRisk) => {
      const json = { phoneNumber: newPhoneNumber(), acceptsRisk };
      const answer = await askMfa(client, await signUp(client), 'POST', '/sms', json);
      expect(answer.problem).toMatchObject({ status: 400, code: 'validation_failed' });
      expect(messagesTo(json.phoneNumber)).toEqual([]);
    },
  );
});

describe('a stolen access token', () => {
  it('confirms no number without its code, nor by the code of another enrolment', async () => {
    const [ada, eve] = [await signUp(client), await signUp(client)];
    const [own, other] = [newPhoneNumber(), newPhoneNumber()];
    await beginPhone(client, ada, own);
    await beginPhone(client, eve, other);
    const code = lastCodeTo(own);
    const taken = lastCodeTo(other) === code ? otherThan(code) : lastCodeTo(other);
    const stolen = await confirmPhone(client, ada, taken);
    expect(stolen.problem).toMatchObject({ status: 401, code: 'mfa_refused' });
    expect((await confirmPhone(client, ada, code)).status).toBe(200);
  });

  it('is not enough some minutes after the sign-in', async () => {
    const ada = await signUp(client);
    await database(
      `UPDATE sessions SET authenticated_at = authenticated_at - interval '6 minutes'
       WHERE account_id = $1`,
      [ada.userId],
    );
    const { cookie } = ada;
    const { json } = await refresh(client, { cookie });
    const { access_token: accessToken } = json as { readonly access_token: string };
    const answer = await beginPhone(client, { accessToken }, newPhoneNumber());
    expect(answer.problem).toMatchObject({
      status: 401,
      code: 'insufficient_user_authentication',
    });
  });

  it('of another session ends when a number is confirmed', async () => {
    const ada = await signUp(client);
    const thief = await logIn(client, ada);
    await enrolPhone(client, ada);
    expect((await refresh(client, thief)).problem).toMatchObject({ code: 'invalid_grant' });
    expect((await refresh(client, ada)).status).toBe(200);
  });

  it('cannot be an API key', async () => {
    const ada = await signUp(client);
    const { key } = await makeApiKey(client, ada);
    const json = { phoneNumber: newPhoneNumber(), acceptsRisk: true };
    const headers = [['X-API-Key', key]] as const;
    const answer = await client.send({ method: 'POST', path: '/auth/mfa/sms', headers, json });
    expect(answer.problem).toMatchObject({ status: 403 });
    expect(messagesTo(json.phoneNumber)).toEqual([]);
  });

  it('steps up by no code of a sign-in, and signs in by no code of a step-up', async () => {
    const ada = await enrolled();
    const { password, accessToken } = ada;
    const stepUp = (code: string) =>
      client.send({
        method: 'POST',
        path: '/auth/step-up',
        accessToken,
        json: { password, ...METHOD, code },
      });
    const mfaToken = await challengeFor(client, ada);
    const forSignIn = await codeFor(client, mfaToken, ada);
    const path = '/auth/step-up/sms/send';
    expect((await client.send({ method: 'POST', path, accessToken })).status).toBe(202);
    const forStepUp = lastCodeTo(ada.phoneNumber);
    if (forSignIn !== forStepUp) {
      expect((await stepUp(forSignIn)).problem).toMatchObject({ code: 'mfa_refused' });
      const wrong = await verifyCode(client, mfaToken, forStepUp, METHOD);
      expect(wrong.problem).toMatchObject({ code: 'mfa_refused' });
    }
    expect((await stepUp(forStepUp)).status).toBe(200);
    expect((await stepUp(forStepUp)).problem).toMatchObject({ code: 'mfa_refused' });
    expect((await verifyCode(client, mfaToken, forSignIn, METHOD)).status).toBe(200);
  });
});

describe('a phone number', () => {
  it('is masked in every answer, and in no log and no event', async () => {
    const phoneNumber = newPhoneNumber();
    const ada = await signUp(client);
    const masked = `+1 … ${phoneNumber.slice(-2)}`;
    const begun = await beginPhone(client, ada, phoneNumber);
    const code = lastCodeTo(phoneNumber);
    const confirmed = await confirmPhone(client, ada, code);
    const listed = await askMfa(client, ada, 'GET');
    const sent = await sendCode(client, await challengeFor(client, ada));
    expect(begun.json).toEqual({ phoneNumber: masked, expiresIn: 300 });
    expect(sent.json).toMatchObject({ phoneNumber: masked });
    expect(listed.json).toMatchObject({ factors: [{ type: 'sms', name: masked }] });
    for (const { body } of [begun, confirmed, listed, sent]) {
      expect(body).not.toContain(phoneNumber.slice(1));
    }
    for (const file of Object.values(sharedCluster().logFiles)) {
      const log = readFileSync(file, 'utf8');
      expect(log).not.toContain(phoneNumber.slice(1));
      expect(log).not.toContain(encodeURIComponent(phoneNumber));
    }
  });

  it('stands sealed in the database, and its code under a key that is not there', async () => {
    const ada = await enrolled();
    await codeFor(client, await challengeFor(client, ada), ada);
    const rows = await database(
      `SELECT encode(sealed_number, 'escape') AS kept, masked_number FROM phone_factors
       WHERE account_id = $1`,
      [ada.userId],
    );
    const codes = await database(
      `SELECT encode(code_mac, 'escape') AS kept FROM sms_codes
       WHERE factor_id IN (SELECT id FROM phone_factors WHERE account_id = $1)`,
      [ada.userId],
    );
    expect([rows.length, codes.length]).toEqual([1, 1]);
    expect(JSON.stringify(rows)).not.toContain(ada.phoneNumber.slice(2, -2));
    expect(JSON.stringify(codes)).not.toContain(lastCodeTo(ada.phoneNumber));
  });
});
