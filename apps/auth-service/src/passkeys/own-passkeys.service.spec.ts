import { randomUUID } from 'node:crypto';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import { CLIENT_ADDRESS, openAuthDatabase, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { challengeOf, PASSWORD, signedIn } from '../mfa/mfa.fixture';
import { MfaRequired } from '../mfa/mfa-required';
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

const NOT_FOUND = new ServiceError('NOT_FOUND', 'factor_not_found');
const REFUSED = new ServiceError('UNAUTHENTICATED', 'mfa_refused');

interface World {
  readonly replica: PasskeysReplica;
  readonly ada: PasskeyOwner;
}

async function setUp(options?: { readonly requiredForScopes: readonly string[] }): Promise<World> {
  const replica = await passkeysOf(database, options);
  return { replica, ada: await newPasskeyOwner(replica) };
}

const remove = ({ replica, ada }: World, id: string, password?: string) =>
  replica.ownPasskeys.remove(ada.principal, { id, password, clientAddress: CLIENT_ADDRESS });

/** Signs in as a copy of the authenticator would. */
async function rollBack({ replica, ada }: World): Promise<void> {
  const cloned = await loginAssertion(replica, ada, { signCount: 1 });
  await expect(logInWith(replica, cloned)).rejects.toEqual(REFUSED);
}

const mailsTo = async ({ ada }: World) =>
  (
    await database.db
      .selectFrom('mails')
      .select('kind')
      .where('account_id', '=', ada.account.id)
      .execute()
  ).map(({ kind }) => kind);

describe('OwnPasskeysService', () => {
  it.each([
    ['somebody else’s', async ({ replica }: World) => (await newPasskeyOwner(replica)).passkey.id],
    ['nobody’s', async () => randomUUID()],
    ['what is no id', async () => 'none'],
  ])('neither renames nor removes %s', async (_name, idOf) => {
    const world = await setUp();
    const { replica, ada } = world;
    const id = await idOf(world);
    await expect(replica.ownPasskeys.rename(ada.principal, id, 'mine')).rejects.toEqual(NOT_FOUND);
    await expect(remove(world, id, PASSWORD)).rejects.toEqual(NOT_FOUND);
    const renamed = await replica.ownPasskeys.rename(ada.principal, ada.passkey.id, 'mine');
    expect(renamed.name).toBe('mine');
    await expect(remove(world, ada.passkey.id, PASSWORD)).resolves.toBeUndefined();
  });

  it.each([
    [
      'without the password',
      undefined,
      new ServiceError('FAILED_PRECONDITION', 'password_required'),
    ],
    ['with a wrong one', 'wrong', new ServiceError('UNAUTHENTICATED', 'invalid_credentials')],
  ])('keeps the last factor %s', async (_name, password, refusal) => {
    const world = await setUp();
    const { replica, ada } = world;
    await expect(remove(world, ada.passkey.id, password)).rejects.toEqual(refusal);
    await expect(logInWith(replica, await loginAssertion(replica, ada))).resolves.toBeDefined();
    await expect(remove(world, ada.passkey.id, PASSWORD)).resolves.toBeUndefined();
  });

  it('keeps the last factor of who has to have one', async () => {
    const world = await setUp({ requiredForScopes: ['orders:read'] });
    const { ada } = world;
    await database.db
      .updateTable('accounts')
      .set({ scopes: ['orders:read'] })
      .where('id', '=', ada.account.id)
      .execute();
    const required = new ServiceError('FAILED_PRECONDITION', 'factor_required');
    await expect(remove(world, ada.passkey.id, PASSWORD)).rejects.toEqual(required);
    await enrolPasskey(world.replica, ada);
    await expect(remove(world, ada.passkey.id)).resolves.toBeUndefined();
  });

  it('keeps the last one that signs in of who has to have one, and not what is refused', async () => {
    const world = await setUp({ requiredForScopes: ['orders:write'] });
    const { replica, ada } = world;
    const { passkey: cloned } = await enrolPasskey(replica, ada, newAuthenticator());
    await replica.passkeys.suspect(database.db, cloned.id, replica.clock.now());
    const required = new ServiceError('FAILED_PRECONDITION', 'factor_required');
    await expect(remove(world, ada.passkey.id, PASSWORD)).rejects.toEqual(required);
    await expect(remove(world, cloned.id)).resolves.toBeUndefined();
    expect(await replica.ownPasskeys.list(ada.principal)).toMatchObject([{ id: ada.passkey.id }]);
  });

  it('of two that are removed at once without the password keeps one', async () => {
    const world = await setUp();
    const { replica, ada } = world;
    const second = await enrolPasskey(replica, ada);
    const outcomes = await Promise.allSettled([
      remove(world, ada.passkey.id),
      remove(world, second.passkey.id),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await replica.ownPasskeys.list(ada.principal)).toHaveLength(1);
  });

  it('ends the other sessions and what was begun, and lets the password alone in again', async () => {
    const world = await setUp();
    const { replica, ada } = world;
    await signedIn(replica, ada.account);
    const begun = await secondFactorAssertion(replica, ada);
    await remove(world, ada.passkey.id, PASSWORD);
    await expect(completeWith(replica, begun.mfaToken, begun.code)).rejects.toEqual(REFUSED);
    const now = replica.clock.now();
    expect(await replica.sessionRows.countLive(ada.account.id, now)).toBe(1);
    const { email } = ada.account;
    const outcome = await replica.login.logIn({ ...ORIGIN, email, password: PASSWORD });
    expect(outcome).not.toBeInstanceOf(MfaRequired);
    expect(await mailsTo(world)).toContain('factor_removed');
  });

  it('shows its owner, who is told, a passkey that may be copied, and lets them remove it', async () => {
    const world = await setUp();
    const { replica, ada } = world;
    await rollBack(world);
    const [listed] = await replica.ownPasskeys.list(ada.principal);
    expect(listed?.suspectedCloneAt).toEqual(replica.clock.now());
    await expect(remove(world, ada.passkey.id, PASSWORD)).resolves.toBeUndefined();
    expect(await mailsTo(world)).toEqual(
      expect.arrayContaining(['passkey_suspected', 'factor_removed']),
    );
  });

  it('lets in by a recovery code alone who has no other passkey than one that may be copied', async () => {
    const world = await setUp();
    const { replica, ada } = world;
    await rollBack(world);
    const { email } = ada.account;
    const outcome = await replica.login.logIn({ ...ORIGIN, email, password: PASSWORD });
    expect(outcome).toMatchObject({ methods: ['recovery_code'] });
    const token = await challengeOf(replica, ada);
    const [code = ''] = ada.recoveryCodes;
    const presented = { ...ORIGIN, method: 'recovery_code', code };
    await expect(replica.secondFactor.logIn(token, presented)).resolves.toBeDefined();
  });
});
