import { randomUUID } from 'node:crypto';
import { newCredentialKey } from '@sallyport/testing';
import type { CredentialOverrides, RequestOptions } from '@sallyport/testing';
import { askAuthDatabase } from '../src/auth-database';
import { sharedCluster } from '../src/cluster-facts';
import { partsOf } from '../src/compact-jws';
import { logIn, refresh, refreshCookieOf, renew, signedIn, signUp } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import {
  askPasskeys,
  creationOptionsFor,
  enrolPasskey,
  loginAssertion,
  loginOptions,
  newAuthenticator,
  newPasskeyCustomer,
  passkeyLogin,
  secondFactorAssertion,
  secondFactorOptions,
  verifyPasskey,
} from '../src/passkeys';
import type { PasskeyCustomer } from '../src/passkeys';
import { PublicClient } from '../src/public-client';
import { expectPassed, expectProblem, expectRefused } from '../src/refusal.expectations';
import { askMfa, challengeFor, verifyCode } from '../src/second-factors';

needs(...EVIDENCE, 'databases');

const LOGIN = ['POST /auth/passkeys/login', 'sallyport.passkeys.v1.PasskeyService/LoginByPasskey'];
const VERIFY = ['POST /auth/mfa/verify', 'sallyport.mfa.v1.MfaService/CompleteLogin'];
const ENROL = ['POST /auth/passkeys', 'sallyport.passkeys.v1.PasskeyService/Enrol'];
const STEP_UP = [
  'POST /auth/step-up/passkey',
  'sallyport.passkeys.v1.PasskeyService/StepUpByPasskey',
];
const REMOVE = ['DELETE /auth/passkeys/:id', 'sallyport.passkeys.v1.PasskeyService/RemovePasskey'];

const client = new PublicClient();
const evidence = new Evidence();

const database = (sql: string, values: readonly unknown[]) =>
  askAuthDatabase(sharedCluster(), sql, values);

const refused = (reason: string, handled: readonly string[]) => ({
  evidence,
  status: 401,
  code: 'mfa_refused',
  reason,
  handled,
});

/** What an authenticator or its browser says that it must not. */
const WRONG: readonly (readonly [name: string, overrides: CredentialOverrides])[] = [
  ['the page of another site', { origin: 'https://evil.example' }],
  ['another port of the same host', { origin: 'https://localhost:1' }],
  ['the passkeys of another site', { rpId: 'evil.example' }],
  ['an enrolment', { type: 'webauthn.create' }],
  ['a device that did not verify its user', { userVerified: false }],
  ['a device that nobody touched', { userPresent: false }],
  ['another key', { signedBy: newCredentialKey(-7) }],
  ['a passkey that can be synced all of a sudden', { backupEligible: true }],
  ['somebody else', { userHandle: Buffer.alloc(32, 1).toString('base64url') }],
];

type Attack = (ada: PasskeyCustomer) => Promise<readonly [credential: unknown, reason: string]>;

describe('a sign-in with a passkey alone', () => {
  it.each(WRONG)('is not opened by an assertion of %s', async (_name, overrides) => {
    const ada = await newPasskeyCustomer(client);
    const wrong = await passkeyLogin(client, await loginAssertion(client, ada, overrides));
    await expectRefused(wrong, refused('passkey_refused', LOGIN));
    const right = await passkeyLogin(client, await loginAssertion(client, ada));
    await expectPassed(right, { evidence, handled: LOGIN });
  });

  it.each<readonly [name: string, attack: Attack]>([
    [
      'an assertion that says not whose it is',
      async (ada) => [await loginAssertion(client, ada, { userHandle: null }), 'passkey_refused'],
    ],
    [
      'an assertion made within a page of another site',
      async (ada) => [
        await loginAssertion(client, ada, { crossOrigin: true }),
        'passkey_malformed',
      ],
    ],
    [
      'an assertion that was used',
      async (ada) => {
        const credential = await loginAssertion(client, ada);
        await passkeyLogin(client, credential);
        return [credential, 'passkey_challenge_refused'];
      },
    ],
    [
      'a second assertion, after a wrong one, for the same challenge',
      async ({ authenticator }) => {
        const options = await loginOptions(client);
        await passkeyLogin(client, authenticator.get(options, { userVerified: false }));
        return [authenticator.get(options), 'passkey_challenge_refused'];
      },
    ],
    [
      'a challenge that was made up',
      async (ada) => [
        await loginAssertion(client, ada, { challenge: 'A'.repeat(43) }),
        'passkey_challenge_refused',
      ],
    ],
    [
      'a challenge that is past its end',
      async (ada) => {
        const credential = await loginAssertion(client, ada);
        await database(
          `UPDATE webauthn_challenges SET expires_at = now() - interval '1 second'
           WHERE challenge_hash = sha256($1)`,
          [challengeOf(credential)],
        );
        return [credential, 'passkey_challenge_refused'];
      },
    ],
    [
      'the challenge of an enrolment',
      async (ada) => {
        const { challenge } = await creationOptionsFor(client, ada);
        return [await loginAssertion(client, ada, { challenge }), 'passkey_challenge_refused'];
      },
    ],
    [
      'an answer to a sign-in with the password',
      async (ada) => [
        (await secondFactorAssertion(client, ada)).credential,
        'passkey_challenge_refused',
      ],
    ],
    [
      'the name of another passkey',
      async (ada) => {
        const eve = await newPasskeyCustomer(client);
        const [{ id: credentialId } = { id: '' }] = ada.authenticator.passkeys;
        return [await loginAssertion(client, eve, { credentialId }), 'passkey_refused'];
      },
    ],
    [
      'a passkey nobody has',
      async () => {
        const options = await loginOptions(client);
        const authenticator = newAuthenticator(client);
        const rp = { id: options.rpId ?? '' };
        authenticator.create({ challenge: 'AA', rp, user: { id: 'AAAA' } });
        return [authenticator.get(options), 'passkey_unknown'];
      },
    ],
    [
      'the passkey of an account that is locked',
      async (ada) => {
        await database('UPDATE accounts SET locked_at = now() WHERE id = $1', [ada.userId]);
        return [await loginAssertion(client, ada), 'account_locked'];
      },
    ],
  ])('is not opened by %s', async (_name, attack) => {
    const ada = await newPasskeyCustomer(client);
    const [credential, reason] = await attack(ada);
    await expectRefused(await passkeyLogin(client, credential), refused(reason, LOGIN));
    await database('UPDATE accounts SET locked_at = NULL WHERE id = $1', [ada.userId]);
    const right = await passkeyLogin(client, await loginAssertion(client, ada));
    await expectPassed(right, { evidence, handled: LOGIN });
  });

  it('is opened once by five answers to one challenge', async () => {
    const ada = await newPasskeyCustomer(client, { synced: true });
    const credential = await loginAssertion(client, ada);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => passkeyLogin(client, credential)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
  });

  it('is opened no more by a passkey that seems to be copied, nor is a password enough then', async () => {
    const ada = await newPasskeyCustomer(client);
    await passkeyLogin(client, await loginAssertion(client, ada, { signCount: 40 }));
    const clone = await passkeyLogin(client, await loginAssertion(client, ada, { signCount: 7 }));
    await expectRefused(clone, refused('passkey_counter_rollback', LOGIN));
    const own = await passkeyLogin(client, await loginAssertion(client, ada, { signCount: 41 }));
    await expectRefused(own, refused('passkey_suspected_clone', LOGIN));
    const mfaToken = await challengeFor(client, ada);
    expect(await secondFactorOptions(client, mfaToken)).toMatchObject({ allowCredentials: [] });
    const [code = ''] = ada.recoveryCodes;
    const letIn = await verifyCode(client, mfaToken, code, { method: 'recovery_code' });
    expect(letIn.status).toBe(200);
  });

  it('says to nobody which passkeys there are', async () => {
    const ada = await newPasskeyCustomer(client);
    expect(await loginOptions(client)).toMatchObject({
      allowCredentials: [],
      userVerification: 'required',
    });
    const json = { email: ada.email };
    const path = '/auth/passkeys/login/options';
    const asked = await client.send({ method: 'POST', path, json });
    expect(asked.body).not.toContain(ada.authenticator.passkeys[0]?.id);
    const made = { method: 'POST', path: '/auth/mfa/passkey/options' };
    const guess = await client.send({ ...made, json: { mfaToken: 'A'.repeat(43) } });
    expectProblem(guess, { status: 401, code: 'mfa_refused' });
  });

  it('is not begun or made by a page of another origin', async () => {
    const ada = await newPasskeyCustomer(client);
    const headers = [['Origin', 'https://evil.example']] as const;
    const json = { credential: await loginAssertion(client, ada) };
    const sent = { method: 'POST', path: '/auth/passkeys/login', headers, json };
    await expectRefused(await client.send(sent), {
      evidence,
      status: 403,
      code: 'cross_site_request',
    });
    const own = await client.send({ ...sent, headers: [['Origin', `https://${client.host}`]] });
    await expectPassed(own, { evidence, handled: LOGIN });
  });

  it('says in its tokens that it took two factors, and sets the cookie', async () => {
    const ada = await newPasskeyCustomer(client, { synced: true });
    const answer = await passkeyLogin(client, await loginAssertion(client, ada));
    const { access_token: token } = answer.json as { readonly access_token: string };
    expect(partsOf(token).payload).toMatchObject({
      sub: ada.userId,
      acr: 'urn:sallyport:acr:mfa',
      amr: ['swk', 'user', 'mfa'],
    });
    expect(refreshCookieOf(answer)).toBeDefined();
  });
});

describe('a sign-in with the password and a passkey', () => {
  it.each(WRONG)('is not completed by an assertion of %s', async (_name, overrides) => {
    const ada = await newPasskeyCustomer(client);
    const { mfaToken, credential } = await secondFactorAssertion(client, ada, overrides);
    const wrong = await verifyPasskey(client, mfaToken, credential);
    await expectRefused(wrong, refused('passkey_refused', VERIFY));
    const options = await secondFactorOptions(client, mfaToken);
    const right = await verifyPasskey(client, mfaToken, ada.authenticator.get(options));
    await expectPassed(right, { evidence, handled: VERIFY });
  });

  type CodeAttack = (
    ada: PasskeyCustomer,
  ) => Promise<readonly [mfaToken: string, credential: unknown, reason: string]>;

  it.each<readonly [name: string, attack: CodeAttack]>([
    [
      'an assertion for another sign-in of the same account',
      async (ada) => {
        const { credential } = await secondFactorAssertion(client, ada);
        return [await challengeFor(client, ada), credential, 'passkey_challenge_refused'];
      },
    ],
    [
      'an assertion of another account for this sign-in',
      async (ada) => {
        const eve = await newPasskeyCustomer(client);
        const mfaToken = await challengeFor(client, ada);
        const { challenge, rpId = '' } = await secondFactorOptions(client, mfaToken);
        const credential = eve.authenticator.get({ challenge, rpId });
        return [mfaToken, credential, 'passkey_unknown'];
      },
    ],
    [
      'an assertion to sign in with alone',
      async (ada) => [
        await challengeFor(client, ada),
        await loginAssertion(client, ada),
        'passkey_challenge_refused',
      ],
    ],
    [
      'an assertion that was asked for before the factors changed',
      async (ada) => {
        const { mfaToken, credential } = await secondFactorAssertion(client, ada);
        await enrolPasskey(client, ada);
        return [mfaToken, credential, 'account_changed'];
      },
    ],
    [
      'an assertion that was used',
      async (ada) => {
        const { mfaToken, credential } = await secondFactorAssertion(client, ada);
        await verifyPasskey(client, mfaToken, credential);
        return [mfaToken, credential, 'mfa_challenge_refused'];
      },
    ],
  ])('is not completed by %s', async (_name, attack) => {
    const ada = await newPasskeyCustomer(client);
    const [mfaToken, credential, reason] = await attack(ada);
    const wrong = await verifyPasskey(client, mfaToken, credential);
    await expectRefused(wrong, refused(reason, VERIFY));
    const own = await secondFactorAssertion(client, ada);
    const right = await verifyPasskey(client, own.mfaToken, own.credential);
    await expectPassed(right, { evidence, handled: VERIFY });
    const { access_token: token } = right.json as { readonly access_token: string };
    expect(partsOf(token).payload['amr']).toEqual(['pwd', 'hwk', 'user', 'mfa']);
  });

  it('needs an assertion and no code', async () => {
    const json = { mfaToken: 'A'.repeat(43), method: 'passkey', code: '000000' };
    const answer = await client.send({ method: 'POST', path: '/auth/mfa/verify', json });
    expect(answer.problem).toMatchObject({ status: 400, code: 'validation_failed' });
  });
});

describe('an enrolment', () => {
  it.each(WRONG.slice(0, 6).filter(([, { type }]) => type === undefined))(
    'takes no passkey of %s',
    async (_name, overrides) => {
      const ada = await signUp(client);
      const authenticator = newAuthenticator(client);
      const options = await creationOptionsFor(client, ada);
      const credential = authenticator.create(options, overrides);
      const wrong = await askPasskeys(client, ada, 'POST', '', { credential });
      await expectRefused(wrong, refused('passkey_refused', ENROL));
      await expect(enrolPasskey(client, ada)).resolves.toBeDefined();
    },
  );

  it('answers no challenge of somebody else, nor of another session of one’s own', async () => {
    const [ada, eve] = [await signUp(client), await signUp(client)];
    const elsewhere = await logIn(client, ada);
    for (const asked of [eve, elsewhere]) {
      const options = await creationOptionsFor(client, asked);
      const credential = newAuthenticator(client).create(options);
      const wrong = await askPasskeys(client, ada, 'POST', '', { credential });
      await expectRefused(wrong, refused('passkey_challenge_refused', ENROL));
      const right = await askPasskeys(client, asked, 'POST', '', { credential });
      // What was answered by another was not used up.
      await expectPassed(right, { evidence, handled: ENROL });
    }
  });

  it('takes no passkey that somebody has', async () => {
    const [ada, eve] = [await newPasskeyCustomer(client), await signUp(client)];
    const [{ id: credentialId } = { id: '' }] = ada.authenticator.passkeys;
    const options = await creationOptionsFor(client, eve);
    const credential = newAuthenticator(client).create(options, { credentialId });
    const wrong = await askPasskeys(client, eve, 'POST', '', { credential });
    await expectRefused(wrong, refused('account_changed', ENROL));
    await expect(enrolPasskey(client, eve)).resolves.toBeDefined();
  });

  it('takes no attestation that is none, and no passkey for a stolen cookie alone', async () => {
    const ada = await signUp(client);
    const options = await creationOptionsFor(client, ada);
    const credential = newAuthenticator(client).create(options, { attestation: 'packed' });
    const wrong = await askPasskeys(client, ada, 'POST', '', { credential });
    await expectRefused(wrong, refused('passkey_refused', ENROL));
    const path = '/auth/passkeys/options';
    const headers = [['Cookie', ada.cookie]] as const;
    const cookieAlone = await client.send({ method: 'POST', path, headers });
    expect(cookieAlone.problem).toMatchObject({ status: 401, code: 'credential_missing' });
  });

  it.each([
    ['that turns around', 'a\u202eb'],
    ['of two lines', 'a\nb'],
    ['that hides', 'a\u200bb'],
    ['of blanks', '   '],
    ['without end', 'a'.repeat(65)],
  ])('takes no name %s', async (_name, name) => {
    const ada = await newPasskeyCustomer(client);
    const path = `/${ada.passkeyId}`;
    const wrong = await askPasskeys(client, ada, 'PATCH', path, { name });
    expect(wrong.problem).toMatchObject({ status: 400, code: 'passkey_name_invalid' });
    const right = await askPasskeys(client, ada, 'PATCH', path, { name: '<b>Ada’s</b> key' });
    expect(right.json).toMatchObject({ id: ada.passkeyId, name: '<b>Ada’s</b> key' });
  });

  it('ends the other sessions, and has this one say so', async () => {
    const ada = await signUp(client);
    const thief = await logIn(client, ada);
    await enrolPasskey(client, ada);
    expect((await refresh(client, thief)).problem).toMatchObject({ code: 'invalid_grant' });
    const { accessToken } = await renew(client, ada);
    expect(partsOf(accessToken).payload).toMatchObject({
      acr: 'urn:sallyport:acr:mfa',
      amr: ['pwd', 'hwk', 'user', 'mfa'],
    });
  });
});

describe('a step-up by passkey', () => {
  const stepUp = async (
    customer: PasskeyCustomer,
    overrides: CredentialOverrides = {},
    { asker = customer } = {},
  ) => {
    const path = '/auth/step-up/passkey';
    const { accessToken } = customer;
    const asked = await client.send({
      method: 'POST',
      path: `${path}/options`,
      accessToken: asker.accessToken,
    });
    const { options } = asked.json as { readonly options: RequestOptions };
    const { challenge, rpId = '' } = options;
    const credential = customer.authenticator.get({ challenge, rpId }, overrides);
    return client.send({ method: 'POST', path, accessToken, json: { credential } });
  };

  it.each(WRONG)('is not made by an assertion of %s', async (_name, overrides) => {
    const ada = await newPasskeyCustomer(client);
    await expectRefused(await stepUp(ada, overrides), refused('passkey_refused', STEP_UP));
    await expectPassed(await stepUp(ada), { evidence, handled: STEP_UP });
  });

  it('is not made by an answer to a challenge of somebody else, nor of another sign-in', async () => {
    const [ada, eve] = [await newPasskeyCustomer(client), await newPasskeyCustomer(client)];
    const elsewhere = signedIn(await passkeyLogin(client, await loginAssertion(client, ada)), ada);
    for (const asker of [eve, { ...ada, ...elsewhere }]) {
      const wrong = await stepUp(ada, {}, { asker });
      await expectRefused(wrong, refused('passkey_challenge_refused', STEP_UP));
    }
    await expectPassed(await stepUp(ada), { evidence, handled: STEP_UP });
  });

  it('says in the token what was proved now, and when', async () => {
    const ada = await newPasskeyCustomer(client);
    await database(
      `UPDATE sessions SET authenticated_at = now() - interval '1 hour' WHERE id = $1`,
      [ada.sessionId],
    );
    const old = await renew(client, ada);
    const late = await askPasskeys(client, old, 'POST', '/options');
    expect(late.problem).toMatchObject({ status: 401, code: 'insufficient_user_authentication' });
    const answer = await stepUp(ada);
    const { access_token: accessToken } = answer.json as { readonly access_token: string };
    expect(partsOf(accessToken).payload).toMatchObject({
      acr: 'urn:sallyport:acr:mfa',
      amr: ['hwk', 'user', 'mfa'],
    });
    const again = await askPasskeys(client, { accessToken }, 'POST', '/options');
    expect(again.status).toBe(200);
  });
});

describe('a passkey', () => {
  it('is renamed and removed by its owner alone', async () => {
    const [ada, eve] = [await newPasskeyCustomer(client), await newPasskeyCustomer(client)];
    for (const id of [ada.passkeyId, randomUUID(), 'none']) {
      const renamed = await askPasskeys(client, eve, 'PATCH', `/${id}`, { name: 'mine' });
      expect(renamed.problem).toMatchObject({ status: 404, code: 'factor_not_found' });
      const removed = await askPasskeys(client, eve, 'DELETE', `/${id}`, {
        password: eve.password,
      });
      expect(removed.problem).toMatchObject({ status: 404, code: 'factor_not_found' });
    }
    const { password } = ada;
    const removed = await askPasskeys(client, ada, 'DELETE', `/${ada.passkeyId}`, { password });
    await expectPassed(removed, { evidence, handled: REMOVE });
    await expect(logIn(client, ada)).resolves.toBeDefined();
  });

  it('that is the last factor goes with the password, and with a long one alone', async () => {
    const ada = await newPasskeyCustomer(client);
    const path = `/${ada.passkeyId}`;
    const without = await askPasskeys(client, ada, 'DELETE', path);
    expect(without.problem).toMatchObject({ status: 409, code: 'password_required' });
    const wrong = await askPasskeys(client, ada, 'DELETE', path, { password: 'a wrong password' });
    expect(wrong.problem).toMatchObject({ status: 401, code: 'invalid_credentials' });
    const { password } = ada;
    expect((await askPasskeys(client, ada, 'DELETE', path, { password })).status).toBe(204);
    const listed = await askMfa(client, ada, 'GET');
    expect(listed.json).toEqual({ factors: [], recoveryCodesLeft: 0 });
  });

  it('is one of several, and goes without the password then', async () => {
    const ada = await newPasskeyCustomer(client);
    const second = await enrolPasskey(client, ada, newAuthenticator(client, { synced: true }));
    expect(second.recoveryCodes).toEqual([]);
    const { json } = await askPasskeys(client, ada, 'GET');
    expect(json).toMatchObject({ passkeys: [{ synced: false }, { synced: true }] });
    const removed = await askPasskeys(client, ada, 'DELETE', `/${ada.passkeyId}`);
    expect(removed.status).toBe(204);
    const gone = await passkeyLogin(client, await loginAssertion(client, ada));
    await expectRefused(gone, refused('passkey_unknown', LOGIN));
    const left = await passkeyLogin(client, await loginAssertion(client, second));
    await expectPassed(left, { evidence, handled: LOGIN });
  });

  it('is stored without what could sign', async () => {
    const ada = await newPasskeyCustomer(client);
    const columns = await database(
      `SELECT encode(public_key, 'hex') AS key FROM passkeys WHERE account_id = $1`,
      [ada.userId],
    );
    const [passkey] = ada.authenticator.passkeys;
    expect(columns).toEqual([{ key: passkey?.key.publicKey.toString('hex') }]);
  });
});

function challengeOf({
  response,
}: {
  readonly response: { readonly clientDataJSON: string };
}): Buffer {
  const said = Buffer.from(response.clientDataJSON, 'base64url').toString();
  const { challenge } = JSON.parse(said) as { readonly challenge: string };
  return Buffer.from(challenge, 'base64url');
}
