import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import type { CredentialOverrides } from '@sallyport/testing';
import { CLIENT_ADDRESS, openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { challengeOf, enrol as enrolApp, newOwner, signedIn } from '../mfa/mfa.fixture';
import type { Owner } from '../mfa/mfa.fixture';
import { MOST_PASSKEYS } from './passkey';
import {
  enrolPasskey,
  loginAssertion,
  logInWith,
  newAuthenticator,
  newPasskeyOwner,
  passkeysOf,
} from './passkeys.fixture';
import type { PasskeysReplica } from './passkeys.fixture';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

const REFUSED = new ServiceError('UNAUTHENTICATED', 'mfa_refused');

interface World {
  readonly replica: PasskeysReplica;
  readonly ada: Owner;
}

async function setUp(): Promise<World> {
  const replica = await passkeysOf(database);
  return { replica, ada: await newOwner(replica) };
}

/** What a browser makes of a challenge. */
async function made(
  { replica, ada }: World,
  overrides?: CredentialOverrides,
  authenticator = newAuthenticator(),
): Promise<string> {
  const { options } = await replica.passkeyEnrolment.begin(ada.principal);
  return JSON.stringify(authenticator.create(options, overrides));
}

const enrol = ({ replica, ada }: World, credential: string, name?: string) =>
  replica.passkeyEnrolment.enrol(ada.principal, {
    credential,
    name,
    clientAddress: CLIENT_ADDRESS,
  });

async function expectRefused(world: World, credential: string, reason: string): Promise<void> {
  const { replica, ada } = world;
  const before = await replica.passkeys.list(ada.account.id);
  replica.events.clear();
  await expect(enrol(world, credential)).rejects.toEqual(REFUSED);
  expect(replica.events.refusals).toEqual([reason]);
  expect(await replica.passkeys.list(ada.account.id)).toEqual(before);
}

describe('PasskeyEnrolmentService', () => {
  it.each<readonly [name: string, overrides: CredentialOverrides]>([
    ['on a page of another origin', { origin: 'https://evil.example' }],
    ['on another port of this host', { origin: 'https://localhost:9999' }],
    ['on a page in clear', { origin: 'http://localhost:8443' }],
    ['for another relying party', { rpId: 'evil.example' }],
    ['as if it were a sign-in', { type: 'webauthn.get' }],
    ['without its user verified', { userVerified: false }],
    ['without its user present', { userPresent: false }],
    ['backed up though it cannot be', { backedUp: true }],
    ['with an attestation that is none', { attestation: 'packed' }],
    ['with an attestation of no known format', { attestation: 'mine' }],
  ])('takes no passkey made %s', async (_name, overrides) => {
    const world = await setUp();
    await expectRefused(world, await made(world, overrides), 'passkey_refused');
    await expect(enrol(world, await made(world))).resolves.toBeDefined();
  });

  type Attack = (world: World) => Promise<readonly [credential: string, reason: string]>;

  it.each<readonly [name: string, attack: Attack]>([
    ['what is no JSON', async () => ['{', 'passkey_malformed']],
    ['what is no credential', async () => ['{"id":"AA"}', 'passkey_malformed']],
    [
      'one made within a page of another site',
      async (world) => [await made(world, { crossOrigin: true }), 'passkey_malformed'],
    ],
    [
      'one that names another credential than it signed for',
      async (world) => {
        const credential = JSON.parse(await made(world)) as { readonly id: string };
        return [JSON.stringify({ ...credential, id: 'AAAA', rawId: 'AAAA' }), 'passkey_refused'];
      },
    ],
    [
      'a key of an algorithm that was not offered',
      async (world) => {
        const credential = JSON.parse(await made(world)) as {
          readonly response: { readonly attestationObject: string };
        };
        const { response } = credential;
        // COSE_Key, alg: -7 becomes -47, ES256K.
        const attestation = Buffer.from(response.attestationObject, 'base64url').toString('hex');
        const attestationObject = Buffer.from(
          attestation.replace('a5010203262001', 'a5010203382e2001'),
          'hex',
        ).toString('base64url');
        const changed = { ...credential, response: { ...response, attestationObject } };
        expect(attestationObject).not.toBe(response.attestationObject);
        return [JSON.stringify(changed), 'passkey_refused'];
      },
    ],
    [
      'a challenge that was made up',
      async (world) => [
        await made(world, { challenge: 'A'.repeat(43) }),
        'passkey_challenge_refused',
      ],
    ],
    [
      'a challenge that is past its end',
      async (world) => {
        const credential = await made(world);
        world.replica.clock.advance({ seconds: 300 });
        return [credential, 'passkey_challenge_refused'];
      },
    ],
    [
      'a second answer to a challenge whose first was wrong',
      async (world) => {
        const { replica, ada } = world;
        const { options } = await replica.passkeyEnrolment.begin(ada.principal);
        const wrong = newAuthenticator().create(options, { userVerified: false });
        await enrol(world, JSON.stringify(wrong)).catch(() => undefined);
        const second = newAuthenticator().create(options);
        return [JSON.stringify(second), 'passkey_challenge_refused'];
      },
    ],
    [
      'the challenge of a sign-in',
      async (world) => {
        const { challenge } = (await world.replica.passkeyLogin.begin()).options;
        return [await made(world, { challenge }), 'passkey_challenge_refused'];
      },
    ],
    [
      'the challenge of a step-up in the same session',
      async (world) => {
        const { account, principal } = world.ada;
        const { sessionId: boundTo = '' } = principal;
        const asked = { purpose: 'step_up', account, boundTo } as const;
        const { challenge } = (await world.replica.assertions.ask(asked)).options;
        return [await made(world, { challenge }), 'passkey_challenge_refused'];
      },
    ],
    [
      'the challenge of somebody else',
      async (world) => {
        const eve = await newOwner(world.replica);
        const { challenge } = (await world.replica.passkeyEnrolment.begin(eve.principal)).options;
        return [await made(world, { challenge }), 'passkey_challenge_refused'];
      },
    ],
    [
      'the challenge of another session',
      async (world) => {
        const { replica, ada } = world;
        const other = await signedIn(replica, ada.account);
        const { challenge } = (await replica.passkeyEnrolment.begin(other)).options;
        return [await made(world, { challenge }), 'passkey_challenge_refused'];
      },
    ],
    [
      'a challenge of before another factor was enrolled',
      async (world) => {
        const credential = await made(world);
        await enrolApp(world.replica, world.ada);
        return [credential, 'passkey_challenge_refused'];
      },
    ],
    [
      'a passkey that somebody has',
      async (world) => {
        const eve = await newPasskeyOwner(world.replica);
        const [{ id: credentialId } = { id: '' }] = eve.authenticator.passkeys;
        return [await made(world, { credentialId }), 'account_changed'];
      },
    ],
  ])('refuses %s', async (_name, attack) => {
    const world = await setUp();
    const [credential, reason] = await attack(world);
    await expectRefused(world, credential, reason);
    await expect(enrol(world, await made(world))).resolves.toBeDefined();
  });

  it('lets one of two answers in that come at once', async () => {
    const world = await setUp();
    const credential = await made(world);
    const outcomes = await Promise.allSettled([enrol(world, credential), enrol(world, credential)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await world.replica.passkeys.list(world.ada.account.id)).toHaveLength(1);
  });

  it('counts an attempt before the credential is looked at', async () => {
    const world = await setUp();
    const credential = await made(world);
    const tooMany = new ServiceError('RESOURCE_EXHAUSTED', 'too_many_attempts');
    world.replica.throttle.refusal = tooMany;
    await expect(enrol(world, credential)).rejects.toBe(tooMany);
    world.replica.throttle.refusal = undefined;
    await expect(enrol(world, credential)).resolves.toBeDefined();
  });

  it('asks for a passkey that is found by itself, verifies its user, and is none of those there are', async () => {
    const { replica, ada } = await setUp();
    const { passkey } = await enrolPasskey(replica, ada);
    const { options, expiresIn } = await replica.passkeyEnrolment.begin(ada.principal);
    expect(options).toMatchObject({
      rp: { id: 'localhost' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: [{ id: passkey.credentialId.toString('base64url') }],
      timeout: 300_000,
    });
    expect(options.pubKeyCredParams.map(({ alg }) => alg)).toEqual([-7, -8, -257]);
    // Nothing of the account is in the handle (section 14.6.1).
    const handle = Buffer.from(options.user.id, 'base64url');
    expect(handle).toHaveLength(32);
    expect(handle.toString()).not.toContain(ada.account.id);
    expect(expiresIn).toBe(300);
  });

  it('puts the first in use with recovery codes, ends the other sessions, and tells the owner', async () => {
    const world = await setUp();
    const { replica, ada } = world;
    await signedIn(replica, ada.account);
    const { passkey, recoveryCodes } = await enrol(world, await made(world), 'the blue key');
    expect(passkey).toMatchObject({ name: 'the blue key', backupEligible: false, signCount: 1 });
    expect(recoveryCodes).toHaveLength(10);
    const now = replica.clock.now();
    expect(await replica.sessionRows.countLive(ada.account.id, now)).toBe(1);
    const mails = await database.db
      .selectFrom('mails')
      .select('kind')
      .where('account_id', '=', ada.account.id)
      .execute();
    expect(mails).toEqual([{ kind: 'factor_enrolled' }]);
    await expect(challengeOf(replica, ada)).resolves.toBeDefined();
    const second = await enrolPasskey(replica, ada);
    expect(second.recoveryCodes).toEqual([]);
  });

  it.each([
    ['a model that is known', 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4', 'Google Password Manager'],
    ['any other', '00000000-0000-0000-0000-000000000001', 'Passkey'],
  ])('names one after its authenticator, for %s', async (_name, aaguid, name) => {
    const world = await setUp();
    const authenticator = newAuthenticator({ synced: true, aaguid });
    const { passkey } = await enrol(world, await made(world, {}, authenticator));
    expect(passkey).toMatchObject({ name, aaguid, backupEligible: true, backedUp: true });
  });

  it.each([
    ['of two lines', 'a\nb'],
    ['that turns around', 'a\u202eb'],
    ['of blanks', '  '],
    ['without end', 'a'.repeat(65)],
  ])('takes no name %s, and uses no challenge up for it', async (_name, name) => {
    const world = await setUp();
    const credential = await made(world);
    const refused = new ServiceError('INVALID_ARGUMENT', 'passkey_name_invalid');
    await expect(enrol(world, credential, name)).rejects.toEqual(refused);
    const { passkey } = await enrol(world, credential, 'Zoe\u0308');
    expect(passkey.name).toBe('Zo\u00eb');
  });

  it('enrols as many as there may be', async () => {
    const world = await setUp();
    const { replica, ada } = world;
    const first = await enrolPasskey(replica, ada);
    const stored = await replica.passkeys.list(ada.account.id);
    const [template] = stored;
    if (!template) throw new Error('no passkey');
    const credential = await made(world);
    for (let count = 1; count < MOST_PASSKEYS; count += 1) {
      const credentialId = Buffer.from(`${ada.account.id} ${count}`);
      const id = ada.account.id.replace(/.{2}$/, String(count).padStart(2, '0'));
      await replica.passkeys.add(database.db, { ...template, id, credentialId });
    }
    const tooMany = new ServiceError('FAILED_PRECONDITION', 'too_many_passkeys');
    await expect(replica.passkeyEnrolment.begin(ada.principal)).rejects.toEqual(tooMany);
    await expect(enrol(world, credential)).rejects.toEqual(tooMany);
    await expect(logInWith(replica, await loginAssertion(replica, first))).resolves.toBeDefined();
  });
});
