import { randomBytes } from 'node:crypto';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import type { Principal } from '@sallyport/principal';
import { CLIENT_ADDRESS, KEY_ENCRYPTION_KEY, openAuthDatabase, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { FileKeyEncryption } from '../signing-keys/file.key-encryption';
import { SealBroken } from '../signing-keys/key-encryption';
import {
  challengeOf,
  codeAt,
  enrol,
  fromBase32,
  mfaOf,
  type MfaReplica,
  newEnrolled,
  newOwner,
  PASSWORD,
  signedIn,
} from './mfa.fixture';
import { MfaRequired } from './mfa-required';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

const REFUSED = new ServiceError('UNAUTHENTICATED', 'mfa_refused');

const passwordAlone = async (replica: MfaReplica, email: string) =>
  !((await replica.login.logIn({ ...ORIGIN, email, password: PASSWORD })) instanceof MfaRequired);

describe('TotpEnrolmentService', () => {
  it('leaves the account as it is until it is confirmed', async () => {
    const replica = await mfaOf(database);
    const { principal, account } = await newOwner(replica);
    await replica.enrolment.begin(principal);
    expect(await passwordAlone(replica, account.email)).toBe(true);
    expect(await replica.own.list(principal)).toEqual({
      factors: [],
      recoveryCodesLeft: 0,
    });
  });

  it.each<readonly [string, (replica: MfaReplica, secret: Buffer) => string | Promise<string>]>([
    ['a wrong code', () => '000000'],
    ['an old code', ({ clock }, secret) => codeAt(secret, clock.now(), -2)],
    [
      'ten minutes',
      ({ clock }, secret) => {
        clock.advance({ seconds: 600 });
        return codeAt(secret, clock.now());
      },
    ],
    [
      'the code of a key that was begun before',
      async (replica, secret) => codeAt(secret, replica.clock.now()),
    ],
  ])('is not confirmed with, or after, %s', async (name, codeOf) => {
    const replica = await mfaOf(database);
    const { principal, account } = await newOwner(replica);
    const { secret } = await replica.enrolment.begin(principal);
    if (name.includes('begun before')) await replica.enrolment.begin(principal);
    const code = await codeOf(replica, fromBase32(secret));
    await expect(replica.enrolment.confirm(principal, code, CLIENT_ADDRESS)).rejects.toEqual(
      REFUSED,
    );
    expect(await passwordAlone(replica, account.email)).toBe(true);
  });

  it('confirms nothing of somebody else, and nothing where nothing was begun', async () => {
    const replica = await mfaOf(database);
    const [ada, eve] = [await newOwner(replica), await newOwner(replica)];
    const { secret } = await replica.enrolment.begin(ada.principal);
    const code = codeAt(fromBase32(secret), replica.clock.now());
    const confirm = () => replica.enrolment.confirm(eve.principal, code, CLIENT_ADDRESS);
    await expect(confirm()).rejects.toEqual(REFUSED);
    await replica.enrolment.begin(eve.principal);
    await expect(confirm()).rejects.toEqual(REFUSED);
  });

  it('is void when the password was changed on the way', async () => {
    const replica = await mfaOf(database);
    const { principal, account } = await newOwner(replica);
    const { secret } = await replica.enrolment.begin(principal);
    const newPassword = randomBytes(12).toString('hex');
    const passwords = { currentPassword: PASSWORD, newPassword };
    const { accessToken } = await replica.passwordChange.change(principal, {
      ...ORIGIN,
      ...passwords,
    });
    const { sid: sessionId = '' } = await replica.verify(accessToken);
    const now = { ...principal, sessionId };
    const code = codeAt(fromBase32(secret), replica.clock.now());
    await expect(replica.enrolment.confirm(now, code, CLIENT_ADDRESS)).rejects.toEqual(REFUSED);
    expect(await replica.factors.active(account.id)).toBeUndefined();
  });

  it('changes nothing while the ends of sessions cannot be made known', async () => {
    const replica = await mfaOf(database);
    const { principal, account } = await newOwner(replica);
    const { secret } = await replica.enrolment.begin(principal);
    const code = codeAt(fromBase32(secret), replica.clock.now());
    replica.feed.isPublishing = false;
    await expect(replica.enrolment.confirm(principal, code, CLIENT_ADDRESS)).rejects.toMatchObject({
      status: 'UNAVAILABLE',
    });
    expect(await replica.factors.active(account.id)).toBeUndefined();
  });

  it('is confirmed by one of five at once, who is the one to get codes that work', async () => {
    const replica = await mfaOf(database);
    const owner = await newOwner(replica);
    const { secret } = await replica.enrolment.begin(owner.principal);
    const code = codeAt(fromBase32(secret), replica.clock.now());
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () =>
        replica.enrolment.confirm(owner.principal, code, CLIENT_ADDRESS),
      ),
    );
    const [winner, ...others] = outcomes.flatMap((each) =>
      each.status === 'fulfilled' ? [each.value] : [],
    );
    expect(others).toEqual([]);
    const token = await challengeOf(replica, owner);
    const entered = { ...ORIGIN, method: 'recovery_code', code: winner?.[0] ?? '' };
    await expect(replica.secondFactor.logIn(token, entered)).resolves.toBeDefined();
  });

  it('ends the other sessions, raises this one, and asks for a code from then on', async () => {
    const replica = await mfaOf(database);
    const owner = await newOwner(replica);
    const other = await signedIn(replica, owner.account);
    replica.events.clear();
    const { recoveryCodes } = await enrol(replica, owner);

    expect(recoveryCodes).toHaveLength(10);
    const live = await replica.sessionRows.listLive(owner.account.id, replica.clock.now());
    expect(live.map(({ id }) => id)).toEqual([owner.principal.sessionId]);
    expect(live[0]?.authentication).toMatchObject({
      acr: 'urn:sallyport:acr:mfa',
      amr: ['pwd', 'otp', 'mfa'],
    });
    expect(replica.feed.published).toMatchObject([{ kind: 'session', id: other.sessionId }]);
    expect(await passwordAlone(replica, owner.account.email)).toBe(false);
    expect(replica.events.all[0]).toEqual({
      type: 'account',
      outcome: 'succeeded',
      reason: 'factor_enrolled',
      principal: owner.account.id,
      session: owner.principal.sessionId,
      clientAddress: CLIENT_ADDRESS,
    });
  });

  it('opens no session for a password that was verified before', async () => {
    const replica = await mfaOf(database);
    const owner = await newOwner(replica);
    const signIn = replica.login.authenticate(
      { ...ORIGIN, email: owner.account.email, password: PASSWORD },
      async (account) => {
        await enrol(replica, owner);
        return replica.sessions.open(account, { acr: 'password', amr: ['pwd'] }, ORIGIN);
      },
    );
    await expect(signIn).rejects.toMatchObject({ reason: 'invalid_credentials' });
  });

  it('is sealed at rest, and opens for its own row alone', async () => {
    const replica = await mfaOf(database);
    const [ada, eve] = [await newEnrolled(replica), await newEnrolled(replica)];
    const rows = await database.db.selectFrom('totp_factors').selectAll().execute();
    expect(rows.some(({ sealed_secret: sealed }) => sealed.includes(ada.secret))).toBe(false);
    const stolen = rows.find((row) => row.account_id === eve.account.id);
    await database.db
      .updateTable('totp_factors')
      .set({ sealed_secret: stolen?.sealed_secret ?? Buffer.alloc(0) })
      .where('account_id', '=', ada.account.id)
      .execute();
    const token = await challengeOf(replica, ada);
    const entered = { ...ORIGIN, method: 'totp', code: codeAt(eve.secret, replica.clock.now()) };
    await expect(replica.secondFactor.logIn(token, entered)).rejects.toThrow(SealBroken);
    await database.db.deleteFrom('totp_factors').execute();
  });

  it('is sealed again under another key', async () => {
    const replica = await mfaOf(database);
    await database.db.deleteFrom('totp_factors').execute();
    const ada = await newEnrolled(replica);
    const keys = [randomBytes(32), KEY_ENCRYPTION_KEY];
    expect(await replica.resealing(new FileKeyEncryption(keys)).reseal()).toBe(1);
    expect(await replica.resealing(new FileKeyEncryption(keys)).reseal()).toBe(0);
    // Back, for the replica opens with the old key alone.
    expect(await replica.resealing(new FileKeyEncryption([...keys].reverse())).reseal()).toBe(1);
    const token = await challengeOf(replica, ada);
    const entered = { ...ORIGIN, method: 'totp', code: codeAt(ada.secret, replica.clock.now()) };
    await expect(replica.secondFactor.logIn(token, entered)).resolves.toBeDefined();
  });
});

describe('an app in use', () => {
  it('is not removed with a wrong password, which counts as a sign-in', async () => {
    const replica = await mfaOf(database);
    const ada = await newEnrolled(replica);
    const remove = (password?: string) =>
      replica.own.removeTotp(ada.principal, password, CLIENT_ADDRESS);
    await expect(remove('a wrong password')).rejects.toMatchObject({
      status: 'UNAUTHENTICATED',
      reason: 'invalid_credentials',
    });
    expect(replica.throttle.admitted.at(-1)).toMatchObject({ action: 'login' });
    await expect(remove()).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      reason: 'password_required',
    });
    expect(await replica.factors.active(ada.account.id)).toBeDefined();
    await expect(remove(PASSWORD)).resolves.toBeUndefined();
  });

  it('goes on until the one in its place is confirmed, and not after', async () => {
    const replica = await mfaOf(database);
    const ada = await newEnrolled(replica);
    const { secret } = await replica.enrolment.begin(ada.principal);
    replica.clock.advance({ seconds: 30 });
    const enter = async (method: string, entered: string) =>
      replica.secondFactor.logIn(await challengeOf(replica, ada), {
        ...ORIGIN,
        method,
        code: entered,
      });
    const old = () => codeAt(ada.secret, replica.clock.now());
    await expect(enter('totp', old())).resolves.toBeDefined();

    replica.clock.advance({ seconds: 30 });
    const next = fromBase32(secret);
    await replica.enrolment.confirm(
      ada.principal,
      codeAt(next, replica.clock.now()),
      CLIENT_ADDRESS,
    );
    replica.clock.advance({ seconds: 30 });
    await expect(enter('totp', old())).rejects.toEqual(REFUSED);
    await expect(enter('recovery_code', ada.recoveryCodes[0] ?? '')).rejects.toEqual(REFUSED);
    await expect(enter('totp', codeAt(next, replica.clock.now()))).resolves.toBeDefined();
  });

  it('was asked for before the password changes, and is after it', async () => {
    const replica = await mfaOf(database);
    const { account, principal, recoveryCodes } = await newEnrolled(replica);
    const newPassword = randomBytes(12).toString('hex');
    const before = await replica.sessionRows.listLive(account.id, replica.clock.now());
    const presented = { ...ORIGIN, currentPassword: PASSWORD, newPassword };
    const { accessToken } = await replica.passwordChange.change(principal, presented);
    // The password alone does not make it a session that has just been opened with two factors.
    const claims = await replica.verify(accessToken);
    expect(claims).toMatchObject({ acr: 'urn:sallyport:acr:mfa', amr: ['pwd', 'otp', 'mfa'] });
    const authenticatedAt = before[0]?.authentication.at.getTime() ?? 0;
    expect(claims.auth_time).toBe(Math.floor(authenticatedAt / 1000));
    expect(claims.auth_time).toBeLessThan(replica.clock.epochSeconds);
    const { email } = account;
    const outcome = await replica.login.logIn({ ...ORIGIN, email, password: newPassword });
    expect(outcome).toBeInstanceOf(MfaRequired);
    expect(await replica.codes.countLeft(account.id)).toBe(recoveryCodes.length);
  });

  it('has a new password be shorter, with which it cannot be removed', async () => {
    const replica = await mfaOf(database);
    const ada = await newEnrolled(replica);
    const short = randomBytes(6).toString('hex');
    /** Gives the principal of the session that the change has opened. */
    const change = async (principal: Principal, currentPassword: string, newPassword: string) => {
      const presented = { ...ORIGIN, currentPassword, newPassword };
      const { accessToken } = await replica.passwordChange.change(principal, presented);
      return { ...principal, sessionId: (await replica.verify(accessToken)).sid ?? '' };
    };
    const remove = (principal: Principal, password: string) =>
      replica.own.removeTotp(principal, password, CLIENT_ADDRESS);
    const withShort = await change(ada.principal, PASSWORD, short);
    await expect(remove(withShort, short)).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      reason: 'longer_password_required',
    });
    expect(await replica.factors.active(ada.account.id)).toBeDefined();
    const withLong = await change(withShort, short, PASSWORD);
    await remove(withLong, PASSWORD);
    expect(await replica.factors.active(ada.account.id)).toBeUndefined();
  });

  it('has its owner told of every change, and of nothing that was refused', async () => {
    const replica = await mfaOf(database);
    const ada = await newEnrolled(replica);
    const told = async () => {
      const mails = database.db.selectFrom('mails').select('kind').orderBy('created_at');
      const rows = await mails.where('account_id', '=', ada.account.id).execute();
      return rows.map(({ kind }) => kind).sort();
    };
    expect(await told()).toEqual(['factor_enrolled']);
    const wrong = replica.own.removeTotp(ada.principal, 'a wrong password', CLIENT_ADDRESS);
    await expect(wrong).rejects.toMatchObject({ reason: 'invalid_credentials' });
    expect(await told()).toEqual(['factor_enrolled']);
    const codes = await replica.own.regenerate(ada.principal, CLIENT_ADDRESS);
    const changed = ['factor_enrolled', 'recovery_codes_regenerated'];
    expect(await told()).toEqual(changed);
    const token = await challengeOf(replica, ada);
    const entered = { ...ORIGIN, method: 'recovery_code', code: codes[0] ?? '' };
    await replica.secondFactor.logIn(token, entered);
    const signedIn = [...changed, 'new_sign_in', 'recovery_code_used'];
    expect(await told()).toEqual(signedIn.sort());
    await replica.control.removeFactors(ada.account.id, 'operator:cli');
    expect(await told()).toEqual([...signedIn, 'factor_removed'].sort());
  });

  it('stays where the account has to have one', async () => {
    const replica = await mfaOf(database, { requiredForScopes: ['orders:write'] });
    const ada = await newEnrolled(replica);
    const removal = replica.own.removeTotp(ada.principal, PASSWORD, CLIENT_ADDRESS);
    await expect(removal).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      reason: 'factor_required',
    });
    expect(await passwordAlone(replica, ada.account.email)).toBe(false);
  });

  it('is removed with its recovery codes; every other session ends', async () => {
    const replica = await mfaOf(database);
    const ada = await newEnrolled(replica);
    await signedIn(replica, ada.account);
    const remove = () => replica.own.removeTotp(ada.principal, PASSWORD, CLIENT_ADDRESS);
    await remove();
    const live = await replica.sessionRows.listLive(ada.account.id, replica.clock.now());
    expect(live.map(({ id }) => id)).toEqual([ada.principal.sessionId]);
    expect(await passwordAlone(replica, ada.account.email)).toBe(true);
    expect(await replica.codes.countLeft(ada.account.id)).toBe(0);
    expect(replica.events.all).toContainEqual(
      expect.objectContaining({ reason: 'factor_removed' }),
    );
    await expect(remove()).rejects.toMatchObject({
      status: 'NOT_FOUND',
      reason: 'factor_not_found',
    });
  });

  it('is removed by an operator, and all that was open with it ends', async () => {
    const replica = await mfaOf(database);
    const ada = await newEnrolled(replica);
    const token = await challengeOf(replica, ada);
    const { endedSessions } = await replica.control.removeFactors(ada.account.email, undefined);
    expect(endedSessions).toBe(1);
    const code = codeAt(ada.secret, replica.clock.now());
    const entered = { ...ORIGIN, method: 'totp', code };
    await expect(replica.secondFactor.logIn(token, entered)).rejects.toEqual(REFUSED);
    expect(await passwordAlone(replica, ada.account.email)).toBe(true);
  });

  it('gets another set of recovery codes, in the place of the one before', async () => {
    const replica = await mfaOf(database);
    const ada = await newEnrolled(replica);
    const codes = await replica.own.regenerate(ada.principal, CLIENT_ADDRESS);
    expect(codes.filter((each) => ada.recoveryCodes.includes(each))).toEqual([]);
    const enter = async (recoveryCode = '') =>
      replica.secondFactor.logIn(await challengeOf(replica, ada), {
        ...ORIGIN,
        method: 'recovery_code',
        code: recoveryCode,
      });
    await expect(enter(ada.recoveryCodes[0])).rejects.toEqual(REFUSED);
    await expect(enter(codes[0])).resolves.toBeDefined();
    expect(await replica.own.list(ada.principal)).toMatchObject({ recoveryCodesLeft: 9 });
  });

  it('does not deadlock with whoever else ends the same sessions', async () => {
    const replica = await mfaOf(database);
    const ada = await newEnrolled(replica);
    for (let count = 0; count < 10; count += 1) await signedIn(replica, ada.account);
    const outcomes = await Promise.allSettled([
      replica.own.regenerate(ada.principal, CLIENT_ADDRESS),
      replica.ownSessions.endAll(ada.principal, CLIENT_ADDRESS),
      replica.own.removeTotp(ada.principal, PASSWORD, CLIENT_ADDRESS),
      replica.control.endSessions(ada.account.id, undefined),
    ]);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(ServiceError);
    }
  });
});
