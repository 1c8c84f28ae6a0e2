import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import { createPrincipal, type Principal } from '@sallyport/principal';
import { CLIENT_ADDRESS, openAuthDatabase, openSession, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import {
  codeAt,
  mfaOf,
  newEnrolled,
  newOwner,
  PASSWORD,
  signedIn,
  type Enrolled,
  type MfaReplica,
} from './mfa.fixture';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});
afterAll(() => database.close());

const SESSION_ENDED = new ServiceError('UNAUTHENTICATED', 'session_ended');
const MFA_REFUSED = new ServiceError('UNAUTHENTICATED', 'mfa_refused');
const INVALID_CREDENTIALS = new ServiceError('UNAUTHENTICATED', 'invalid_credentials');

/** Somebody with an app, some minutes after they signed in. */
const setUp = async () => {
  const replica = await mfaOf(database);
  const ada = await newEnrolled(replica);
  replica.clock.advance({ seconds: 1200 });
  return { replica, ada, principal: ada.principal };
};

const stepUp = (
  replica: MfaReplica,
  principal: Principal,
  { code = '', method = 'totp', password = PASSWORD } = {},
) => replica.stepUp.byPassword(principal, { ...ORIGIN, password, method, code });

const codeOf = ({ clock }: MfaReplica, { secret }: Enrolled) => codeAt(secret, clock.now());

const sessionOf = async ({ sessionRows, clock }: MfaReplica, { id, sessionId }: Principal) =>
  (await sessionRows.listLive(id, clock.now())).find((session) => session.id === sessionId);

describe('StepUpService', () => {
  type World = Awaited<ReturnType<typeof setUp>>;
  type Presented = NonNullable<Parameters<typeof stepUp>[2]>;

  it.each<[string, ServiceError, string, (world: World) => Presented]>([
    ['a wrong password', INVALID_CREDENTIALS, 'invalid_credentials', () => ({ password: 'wrong' })],
    [
      'a wrong password and a right code',
      INVALID_CREDENTIALS,
      'invalid_credentials',
      ({ replica, ada }) => ({ password: 'wrong', code: codeOf(replica, ada) }),
    ],
    ['the password alone', MFA_REFUSED, 'totp_code_refused', () => ({})],
    ['a wrong code', MFA_REFUSED, 'totp_code_refused', () => ({ code: '000000' })],
    [
      'a code of two steps ago',
      MFA_REFUSED,
      'totp_code_refused',
      ({ replica, ada }) => ({ code: codeAt(ada.secret, replica.clock.now(), -2) }),
    ],
    [
      'a method there is not',
      MFA_REFUSED,
      'mfa_method_unknown',
      ({ replica, ada }) => ({ code: codeOf(replica, ada), method: 'fingerprint' }),
    ],
    [
      'a code of the app as recovery code',
      MFA_REFUSED,
      'recovery_code_refused',
      ({ replica, ada }) => ({ code: codeOf(replica, ada), method: 'recovery_code' }),
    ],
  ])('refuses %s, and leaves the session as it is', async (_name, refusal, reason, presented) => {
    const world = await setUp();
    const { replica, principal, ada } = world;
    const before = await sessionOf(replica, principal);
    await expect(stepUp(replica, principal, presented(world))).rejects.toEqual(refusal);
    expect(replica.events.refusals).toEqual([reason]);
    expect(await sessionOf(replica, principal)).toEqual(before);
    await expect(stepUp(replica, principal, { code: codeOf(replica, ada) })).resolves.toBeDefined();
  });

  it('refuses the code of somebody else', async () => {
    const { replica, ada, principal } = await setUp();
    const eve = await newEnrolled(replica);
    await expect(stepUp(replica, principal, { code: codeOf(replica, eve) })).rejects.toEqual(
      MFA_REFUSED,
    );
    await expect(stepUp(replica, principal, { code: codeOf(replica, ada) })).resolves.toBeDefined();
  });

  it.each<[string, (world: World) => Principal | Promise<Principal>]>([
    [
      'of somebody else',
      async ({ replica, ada }) => {
        const eve = await newOwner(replica);
        return createPrincipal({ ...members(ada.principal), sessionId: eve.principal.sessionId });
      },
    ],
    ['that is none', ({ principal }) => createPrincipal({ ...members(principal), sessionId: 'x' })],
    [
      'that was not told',
      ({ principal }) => createPrincipal({ ...members(principal), sessionId: undefined }),
    ],
    [
      'that has ended',
      async ({ replica, principal }) => {
        await replica.ownSessions.endAll(principal, CLIENT_ADDRESS);
        return principal;
      },
    ],
  ])('steps no session up %s, and uses up no code', async (_name, principalOf) => {
    const world = await setUp();
    const { replica, ada } = world;
    const principal = await principalOf(world);
    const code = codeOf(replica, ada);
    replica.events.clear();
    await expect(stepUp(replica, principal, { code })).rejects.toEqual(SESSION_ENDED);
    expect(replica.events.refusals).toEqual(['session_ended']);
    const another = await signedIn(replica, ada.account);
    await expect(stepUp(replica, another, { code })).resolves.toBeDefined();
  });

  it('counts passwords and codes as signing in does, by the session, before it looks at them', async () => {
    const { replica, ada, principal } = await setUp();
    const attempt = {
      ...{ email: ada.account.email, clientAddress: CLIENT_ADDRESS },
      sessionId: principal.sessionId,
    };
    await expect(stepUp(replica, principal, { code: '000000' })).rejects.toEqual(MFA_REFUSED);
    expect(replica.throttle.admitted.slice(-2)).toEqual([
      { action: 'login', ...attempt },
      { action: 'second_factor', ...attempt },
    ]);
    replica.throttle.refusal = new ServiceError('RESOURCE_EXHAUSTED', 'too_many_attempts');
    const code = codeOf(replica, ada);
    await expect(stepUp(replica, principal, { code })).rejects.toBe(replica.throttle.refusal);
    replica.throttle.refusal = undefined;
    await expect(stepUp(replica, principal, { code })).resolves.toBeDefined();
    expect(replica.throttle.forgotten.at(-1)).toEqual({ action: 'second_factor', ...attempt });
  });

  it('steps one of five up that use a code at once, in one session or in several', async () => {
    const { replica, ada, principal } = await setUp();
    const another = await signedIn(replica, ada.account);
    const code = codeOf(replica, ada);
    const outcomes = await Promise.allSettled(
      [principal, another, principal, another, principal].map((each) =>
        stepUp(replica, each, { code }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toEqual(MFA_REFUSED);
    }
  });

  it('steps up in vain against the end of the session, or ends what has stepped up', async () => {
    const { replica, ada, principal } = await setUp();
    const code = codeOf(replica, ada);
    const [outcome] = await Promise.allSettled([
      stepUp(replica, principal, { code }),
      replica.ownSessions.endAll(principal, CLIENT_ADDRESS),
    ]);
    if (outcome.status === 'rejected') expect(outcome.reason).toEqual(SESSION_ENDED);
    expect(await sessionOf(replica, principal)).toBeUndefined();
  });

  it('is void when the credentials change while they are proved', async () => {
    const { replica, ada, principal } = await setUp();
    jest.spyOn(replica.requirement, 'isFor').mockImplementationOnce(async () => {
      await database.db
        .transaction()
        .execute((it) => replica.accounts.changeFactors(it, ada.account));
      return true;
    });
    await expect(stepUp(replica, principal, { code: codeOf(replica, ada) })).rejects.toEqual(
      MFA_REFUSED,
    );
    expect(replica.events.refusals).toEqual(['account_changed']);
  });

  it('repeats with the key that signs now, the code still good', async () => {
    const { replica, ada, principal } = await setUp();
    jest.spyOn(replica.sessions, 'authenticateAgain').mockResolvedValueOnce('key_changed');
    await expect(stepUp(replica, principal, { code: codeOf(replica, ada) })).resolves.toBeDefined();
  });

  it.each([
    ['totp', ['pwd', 'otp', 'mfa'], ['stepped_up']],
    ['recovery_code', ['pwd', 'mfa'], ['stepped_up', 'recovery_code_used']],
  ])('has the session say that %s was given now', async (method, amr, reasons) => {
    const { replica, ada, principal } = await setUp();
    const before = await sessionOf(replica, principal);
    const code = method === 'totp' ? codeOf(replica, ada) : (ada.recoveryCodes[0] ?? '');
    const { accessToken } = await stepUp(replica, principal, { method, code });

    const acr = 'urn:sallyport:acr:mfa';
    const auth_time = Math.floor(replica.clock.now().getTime() / 1000);
    expect(await replica.verify(accessToken)).toMatchObject({
      ...{ acr, amr, auth_time, sid: principal.sessionId, sub: ada.account.id },
    });
    const after = await sessionOf(replica, principal);
    expect(after?.expiresAt).toEqual(before?.expiresAt);
    expect(replica.events.all).toEqual(
      reasons.map((reason) => ({
        ...{ type: 'authentication', outcome: 'succeeded', reason },
        ...{ principal: ada.account.id, session: principal.sessionId },
        clientAddress: CLIENT_ADDRESS,
      })),
    );
  });

  it('leaves the refresh token good, and later refreshes say when the step-up was', async () => {
    const { replica, ada } = await setUp();
    const { accessToken, refreshToken } = await openSession(replica, ada.account);
    const { sid } = await replica.verify(accessToken);
    const principal = createPrincipal({ ...members(ada.principal), sessionId: sid });
    const stepped = await stepUp(replica, principal, { code: codeOf(replica, ada) });
    const { auth_time } = await replica.verify(stepped.accessToken);
    replica.clock.advance({ seconds: 600 });
    const refreshed = await replica.sessions.refresh(refreshToken, ORIGIN);
    expect(await replica.verify(refreshed.accessToken)).toMatchObject({ auth_time });
  });

  it('takes the password alone where there is no second factor, and looks at no code', async () => {
    const replica = await mfaOf(database);
    const { principal } = await newOwner(replica);
    replica.clock.advance({ seconds: 1200 });
    const { accessToken } = await stepUp(replica, principal, { code: '123456' });
    expect(await replica.verify(accessToken)).toMatchObject({
      ...{ acr: 'urn:sallyport:acr:password', amr: ['pwd'] },
      auth_time: Math.floor(replica.clock.now().getTime() / 1000),
    });
  });

  it('does not take a password for the second factor that was given before and is gone', async () => {
    const { replica, ada, principal } = await setUp();
    await database.db.deleteFrom('totp_factors').where('account_id', '=', ada.account.id).execute();
    const { accessToken } = await stepUp(replica, principal);
    expect((await replica.verify(accessToken)).acr).toBe('urn:sallyport:acr:password');
  });
});

/** All of a principal, for another to be made of it. */
function members({ id, type, scopes, clientId, sessionId, acr, authTime }: Principal) {
  return { id, type, scopes, clientId, sessionId, acr, authTime };
}
