import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import { createPrincipal } from '@sallyport/principal';
import { newCredentialKey } from '@sallyport/testing';
import type { CredentialOverrides } from '@sallyport/testing';
import { CLIENT_ADDRESS, openAuthDatabase, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { enrol } from '../mfa/mfa.fixture';
import { haveNeedPassword } from './have-need-password';
import {
  completeWith,
  enrolPasskey,
  loginAssertion,
  logInWith,
  newAuthenticator,
  newPasskeyOwner,
  passkeysOf,
  secondFactorAssertion,
} from './passkeys.fixture';
import type { PasskeyOwner, PasskeysReplica } from './passkeys.fixture';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

const REFUSED = new ServiceError('UNAUTHENTICATED', 'mfa_refused');

interface World {
  readonly replica: PasskeysReplica;
  readonly ada: PasskeyOwner;
}

async function setUp(options?: { readonly synced?: boolean }): Promise<World> {
  const replica = await passkeysOf(database);
  return { replica, ada: await newPasskeyOwner(replica, options) };
}

const liveSessions = ({ replica, ada }: World) =>
  replica.sessionRows.countLive(ada.account.id, replica.clock.now());

const mailsTo = ({ ada }: World) =>
  database.db
    .selectFrom('mails')
    .select('kind')
    .where('account_id', '=', ada.account.id)
    .where('kind', '=', 'passkey_suspected')
    .execute();

async function expectRefused(world: World, credential: string, reason: string): Promise<void> {
  const before = await liveSessions(world);
  world.replica.events.clear();
  await expect(logInWith(world.replica, credential)).rejects.toEqual(REFUSED);
  expect(world.replica.events.refusals).toEqual([reason]);
  expect(await liveSessions(world)).toBe(before);
}

describe('PasskeyLoginService', () => {
  it.each<readonly [name: string, overrides: CredentialOverrides]>([
    ['on a page of another origin', { origin: 'https://evil.example' }],
    ['on another port of this host', { origin: 'https://localhost:9999' }],
    ['on a page in clear', { origin: 'http://localhost:8443' }],
    ['within a page of another site', { crossOrigin: true }],
    ['with an origin on top of a page that is not within one', { topOrigin: 'https://a.example' }],
    ['for another relying party', { rpId: 'evil.example' }],
    ['as if it were an enrolment', { type: 'webauthn.create' }],
    ['without its user verified', { userVerified: false }],
    ['without its user present', { userPresent: false }],
    ['by another key', { signedBy: newCredentialKey(-7) }],
    ['by a passkey that can be synced all of a sudden', { backupEligible: true }],
    ['backed up though it cannot be', { backedUp: true }],
    ['for nobody', { userHandle: null }],
    ['for somebody else', { userHandle: Buffer.alloc(32, 1).toString('base64url') }],
  ])('refuses an assertion made %s', async (_name, overrides) => {
    const world = await setUp();
    const credential = await loginAssertion(world.replica, world.ada, overrides);
    const isCrossOrigin = overrides.crossOrigin === true;
    await expectRefused(world, credential, isCrossOrigin ? 'passkey_malformed' : 'passkey_refused');
    const right = await loginAssertion(world.replica, world.ada);
    await expect(logInWith(world.replica, right)).resolves.toBeDefined();
  });

  type Attack = (world: World) => Promise<readonly [credential: string, reason: string]>;

  it.each<readonly [name: string, attack: Attack]>([
    ['what is no JSON', async () => ['{', 'passkey_malformed']],
    ['what is no credential', async () => ['{"id":"AA"}', 'passkey_malformed']],
    [
      'an assertion that was used',
      async ({ replica, ada }) => {
        const credential = await loginAssertion(replica, ada);
        await logInWith(replica, credential);
        return [credential, 'passkey_challenge_refused'];
      },
    ],
    [
      'a second assertion for a challenge whose first was wrong',
      async ({ replica, ada }) => {
        const { options } = await replica.passkeyLogin.begin();
        const wrong = ada.authenticator.get(options, { userVerified: false });
        await logInWith(replica, JSON.stringify(wrong)).catch(() => undefined);
        return [JSON.stringify(ada.authenticator.get(options)), 'passkey_challenge_refused'];
      },
    ],
    [
      'a challenge that was made up',
      async ({ replica, ada }) => [
        await loginAssertion(replica, ada, { challenge: 'A'.repeat(43) }),
        'passkey_challenge_refused',
      ],
    ],
    [
      'a challenge that is past its end',
      async ({ replica, ada }) => {
        const credential = await loginAssertion(replica, ada);
        replica.clock.advance({ seconds: 300 });
        return [credential, 'passkey_challenge_refused'];
      },
    ],
    [
      'the challenge of an enrolment',
      async ({ replica, ada }) => {
        const { options } = await replica.passkeyEnrolment.begin(ada.principal);
        const { challenge } = options;
        return [await loginAssertion(replica, ada, { challenge }), 'passkey_challenge_refused'];
      },
    ],
    [
      'the answer to a sign-in with the password',
      async ({ replica, ada }) => [
        (await secondFactorAssertion(replica, ada)).code,
        'passkey_challenge_refused',
      ],
    ],
    [
      'a passkey nobody has',
      async ({ replica }) => {
        const { options } = await replica.passkeyLogin.begin();
        const authenticator = newAuthenticator();
        const rp = { id: options.rpId ?? '' };
        authenticator.create({ challenge: 'AA', rp, user: { id: 'AAAA' } });
        return [JSON.stringify(authenticator.get(options)), 'passkey_unknown'];
      },
    ],
    [
      'a passkey that was removed',
      async (world) => {
        const { replica, ada } = world;
        const other = await enrolPasskey(replica, ada);
        const { id } = other.passkey;
        const removal = { id, password: undefined, clientAddress: CLIENT_ADDRESS };
        await replica.ownPasskeys.remove(ada.principal, removal);
        return [await loginAssertion(replica, other), 'passkey_unknown'];
      },
    ],
    [
      'the passkey of an account that is locked',
      async ({ replica, ada }) => {
        await replica.accounts.lock(database.db, ada.account.id, replica.clock.now());
        return [await loginAssertion(replica, ada), 'account_locked'];
      },
    ],
  ])('refuses %s', async (_name, attack) => {
    const world = await setUp();
    const [credential, reason] = await attack(world);
    await expectRefused(world, credential, reason);
    await world.replica.accounts.unlock(world.ada.account.id);
    const right = await loginAssertion(world.replica, world.ada);
    await expect(logInWith(world.replica, right)).resolves.toBeDefined();
  });

  it.each([
    ['does not grow', 0],
    ['goes back', -1],
  ])('refuses a passkey whose counter %s, from then on, and tells its owner', async (_name, by) => {
    const world = await setUp();
    const { replica, ada } = world;
    await logInWith(replica, await loginAssertion(replica, ada));
    const [{ signCount } = { signCount: 0 }] = ada.authenticator.passkeys;
    const cloned = await loginAssertion(replica, ada, { signCount: signCount + by });
    await expectRefused(world, cloned, 'passkey_counter_rollback');
    expect(replica.events.all.map(({ reason }) => reason)).toContain('passkey_suspected_clone');
    expect(await mailsTo(world)).toHaveLength(1);
    const grown = await loginAssertion(replica, ada, { signCount: signCount + 10 });
    await expectRefused(world, grown, 'passkey_suspected_clone');
    expect(await mailsTo(world)).toHaveLength(1);
    // The password alone is not enough because of that.
    await expect(replica.requirement.isFor(ada.account.id)).resolves.toBe(true);
  });

  it('refuses a passkey alone since its account was compromised, until it was used with the password', async () => {
    const world = await setUp();
    const { replica, ada } = world;
    const begun = await loginAssertion(replica, ada);
    await haveNeedPassword(database.db, ada.account.id);
    await expectRefused(world, begun, 'passkey_needs_password');
    await expectRefused(world, await loginAssertion(replica, ada), 'passkey_needs_password');
    // Nor is the password enough because of that.
    const { mfaToken, code } = await secondFactorAssertion(replica, ada);
    await completeWith(replica, mfaToken, code);
    await expect(logInWith(replica, await loginAssertion(replica, ada))).resolves.toBeDefined();
  });

  it('takes no forged counter for the one of a clone', async () => {
    const world = await setUp();
    const { replica, ada } = world;
    const forged = await loginAssertion(replica, ada, {
      signCount: 0,
      signedBy: newCredentialKey(-7),
    });
    await expectRefused(world, forged, 'passkey_refused');
    await expect(logInWith(replica, await loginAssertion(replica, ada))).resolves.toBeDefined();
  });

  it('lets one of five in that answer the same challenge at once', async () => {
    const { replica, ada } = await setUp({ synced: true });
    const credential = await loginAssertion(replica, ada);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => logInWith(replica, credential)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('lets one of two in that come with the same counter at once', async () => {
    const { replica, ada } = await setUp();
    const first = await loginAssertion(replica, ada, { signCount: 50 });
    const second = await loginAssertion(replica, ada, { signCount: 50 });
    const outcomes = await Promise.allSettled(
      [first, second].map((credential) => logInWith(replica, credential)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('counts an attempt by its account and address before the assertion is looked at', async () => {
    const { replica, ada } = await setUp();
    const tooMany = new ServiceError('RESOURCE_EXHAUSTED', 'too_many_attempts');
    replica.throttle.refusal = tooMany;
    const credential = await loginAssertion(replica, ada);
    await expect(logInWith(replica, credential)).rejects.toBe(tooMany);
    replica.throttle.refusal = undefined;
    replica.throttle.admitted.length = 0;
    await logInWith(replica, credential);
    const attempt = { email: ada.account.email, clientAddress: CLIENT_ADDRESS };
    expect(replica.throttle.admitted).toEqual([{ action: 'passkey', ...attempt }]);
  });

  it('asks everybody the same', async () => {
    const { replica } = await setUp();
    const { options, expiresIn } = await replica.passkeyLogin.begin();
    expect(options).toMatchObject({
      rpId: 'localhost',
      allowCredentials: [],
      userVerification: 'required',
      timeout: 300_000,
    });
    expect(expiresIn).toBe(300);
  });

  it.each([
    ['one device', false, 'hwk'],
    ['several devices', true, 'swk'],
  ])('opens a session that says how, by a passkey of %s', async (_name, synced, key) => {
    const { replica, ada } = await setUp({ synced });
    replica.clock.advance({ seconds: 60 });
    const { accessToken } = await logInWith(replica, await loginAssertion(replica, ada));
    expect(await replica.verify(accessToken)).toMatchObject({
      sub: ada.account.id,
      acr: 'urn:sallyport:acr:mfa',
      amr: [key, 'user', 'mfa'],
    });
    const [passkey] = await replica.passkeys.list(ada.account.id);
    expect(passkey).toMatchObject({ lastUsedAt: replica.clock.now(), signCount: synced ? 0 : 2 });
  });

  it('opens a session that says no password when an app is enrolled in it', async () => {
    const { replica, ada } = await setUp();
    const tokens = await logInWith(replica, await loginAssertion(replica, ada));
    const { sid: sessionId } = await replica.verify(tokens.accessToken);
    await enrol(replica, { ...ada, principal: createPrincipal({ ...ada.principal, sessionId }) });
    const refreshed = await replica.sessions.refresh(tokens.refreshToken, ORIGIN);
    expect(await replica.verify(refreshed.accessToken)).toMatchObject({
      acr: 'urn:sallyport:acr:mfa',
      amr: ['hwk', 'user', 'mfa'],
    });
  });

  it('takes down whether a passkey is backed up', async () => {
    const { replica, ada } = await setUp({ synced: true });
    await logInWith(replica, await loginAssertion(replica, ada, { backedUp: false }));
    const [passkey] = await replica.passkeys.list(ada.account.id);
    expect(passkey).toMatchObject({ backupEligible: true, backedUp: false });
  });
});

it('tells the owner of a sign-in on a device that is not known, and counts one that is apart', async () => {
  const { replica, ada } = await setUp();
  const { throttle, passkeyLogin } = replica;
  const logIn = async (deviceTokens: string) =>
    passkeyLogin.logIn({
      ...ORIGIN,
      credential: await loginAssertion(replica, ada),
      deviceTokens,
    });
  const notices = async () => {
    const mails = database.db.selectFrom('mails').select('kind');
    const sent = mails.where('account_id', '=', ada.account.id).where('kind', '=', 'new_sign_in');
    return (await sent.execute()).length;
  };
  const before = await notices();
  const first = await logIn('x'.repeat(43));
  expect(throttle.admitted.at(-1)?.deviceId).toBeUndefined();
  expect(await notices()).toBe(before + 1);
  const second = await logIn(first.deviceTokens);
  expect(throttle.admitted.at(-1)?.deviceId).toEqual(expect.any(String));
  expect(throttle.forgotten.at(-1)?.deviceId).toEqual(expect.any(String));
  expect(second.deviceTokens).not.toBe(first.deviceTokens);
  expect(await notices()).toBe(before + 1);
});
