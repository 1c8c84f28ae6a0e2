import type { Database } from '@sallyport/persistence';
import { createPrincipal } from '@sallyport/principal';
import { CLIENT_ADDRESS, openAuthDatabase, openSession, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { accountsOf } from './accounts.fixture';

const OLD = 'correct horse battery staple';
const NEW = 'another horse battery staple';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

/** Somebody with the calling session and another one. */
async function setUp() {
  const replica = await accountsOf(database);
  const account = await replica.newAccount({ passwordHash: `$argon2id$current$${OLD}` });
  const calling = await openSession(replica, account);
  const other = await openSession(replica, account);
  const { sid } = await replica.verify(calling.accessToken);
  const principal = createPrincipal({
    id: account.id,
    type: 'user',
    scopes: new Set<string>(),
    clientId: 'sallyport-web',
    sessionId: sid,
  });
  const change = (currentPassword = OLD, newPassword = NEW) =>
    replica.passwordChange.change(principal, {
      currentPassword,
      newPassword,
      ...ORIGIN,
    });
  const logIn = (password: string) =>
    replica.login.logIn({ ...ORIGIN, email: account.email, password });
  const ends = async () => {
    const rows = database.db.selectFrom('sessions').select('end_reason');
    const found = await rows.where('account_id', '=', account.id).orderBy('created_at').execute();
    return found.map((row) => row.end_reason).sort();
  };
  replica.throttle.admitted.length = 0;
  return { ...replica, account, calling, other, principal, change, logIn, ends };
}

type World = Awaited<ReturnType<typeof setUp>>;

describe('PasswordChangeService changes nothing', () => {
  it.each<[string, (world: World) => Promise<unknown>, object]>([
    [
      'for a wrong password',
      ({ change }) => change('correct horse battery stable'),
      { status: 'UNAUTHENTICATED', reason: 'invalid_credentials' },
    ],
    [
      'for a new password that is too short',
      ({ change }) => change(OLD, 'short'),
      { status: 'INVALID_ARGUMENT', reason: 'password_too_short' },
    ],
    [
      'for a new password that is common',
      ({ change }) => change(OLD, 'PasswordPassword'),
      { status: 'INVALID_ARGUMENT', reason: 'password_too_common' },
    ],
    [
      'for a new password that is the address',
      ({ change, account }) => change(OLD, account.email),
      { status: 'INVALID_ARGUMENT', reason: 'password_too_personal' },
    ],
    [
      'for a new password that is known from a breach',
      ({ change, breaches }) => {
        breaches.passwords.add(NEW);
        return change();
      },
      { status: 'INVALID_ARGUMENT', reason: 'password_breached' },
    ],
    [
      'while the feed is gone',
      ({ change, feed }) => {
        feed.isPublishing = false;
        return change();
      },
      { status: 'UNAVAILABLE', reason: 'dependency_unavailable' },
    ],
    [
      'in a session that has ended',
      async ({ change, sessions, calling, feed }) => {
        await sessions.logOut(calling.refreshToken, ORIGIN);
        feed.published.length = 0;
        return change();
      },
      { status: 'UNAUTHENTICATED', reason: 'session_ended' },
    ],
    [
      'for a locked account',
      async ({ change, control, account, feed }) => {
        await control.lock(account.id, undefined);
        await control.unlock(account.id, undefined);
        feed.published.length = 0;
        return change();
      },
      { status: 'UNAUTHENTICATED', reason: 'session_ended' },
    ],
  ])('%s', async (_, attempt, refusal) => {
    const world = await setUp();
    await expect(attempt(world)).rejects.toMatchObject(refusal);
    expect(world.feed.published).toEqual([]);
    world.feed.isPublishing = true;
    await expect(world.logIn(NEW)).rejects.toMatchObject({ reason: 'invalid_credentials' });
    await expect(world.logIn(OLD)).resolves.toBeDefined();
  });

  it('before the attempt is counted, as a login is, by the session', async () => {
    const { change, throttle, account, principal } = await setUp();
    await expect(change('wrong wrong wrong wrong')).rejects.toMatchObject({
      reason: 'invalid_credentials',
    });
    const attempt = { email: account.email, clientAddress: CLIENT_ADDRESS };
    expect(throttle.admitted).toEqual([
      { action: 'login', ...attempt, sessionId: principal.sessionId },
    ]);
    expect(throttle.forgotten).toEqual([]);
  });
});

describe('PasswordChangeService', () => {
  it('ends every session there was, and goes on in a new one', async () => {
    const { change, logIn, ends, account, other, calling, sessions, verify, feed, events, clock } =
      await setUp();
    const before = await verify(calling.accessToken);
    clock.advance({ seconds: 60 });
    const tokens = await change();

    expect(await ends()).toEqual([null, 'password_changed', 'password_changed']);
    const after = await verify(tokens.accessToken);
    expect(after.sid).not.toBe(before.sid);
    expect(after.auth_time).toBe(before.auth_time);
    const revoked = feed.published.map(({ kind, id }) => ({ kind, id }));
    expect(revoked).toHaveLength(2);
    expect(revoked).toContainEqual({ kind: 'session', id: before.sid });
    expect(revoked).not.toContainEqual({ kind: 'session', id: after.sid });
    expect(events.all.at(-1)).toMatchObject({ outcome: 'succeeded', reason: 'password_changed' });

    const notices = await database.db
      .selectFrom('mails')
      .select('kind')
      .where('account_id', '=', account.id)
      .execute();
    expect(notices).toEqual([{ kind: 'password_changed' }]);

    await expect(logIn(OLD)).rejects.toMatchObject({ reason: 'invalid_credentials' });
    await expect(logIn(NEW)).resolves.toBeDefined();
    for (const { refreshToken } of [calling, other]) {
      await expect(sessions.refresh(refreshToken, ORIGIN)).rejects.toMatchObject({
        reason: 'invalid_grant',
      });
    }
    await expect(sessions.refresh(tokens.refreshToken, ORIGIN)).resolves.toBeDefined();
  });

  it('does not deadlock with whoever else ends the same sessions', async () => {
    const { change, account, ends, principal, ownSessions, ...replica } = await setUp();
    await Promise.all(Array.from({ length: 10 }, () => openSession(replica, account)));
    await Promise.allSettled([
      change(),
      ownSessions.endOthers(principal, CLIENT_ADDRESS),
      change(),
      ownSessions.endAll(principal, CLIENT_ADDRESS),
    ]).then((results) => {
      const reasons = results.flatMap((each) =>
        each.status === 'rejected' ? [(each.reason as { reason?: string }).reason] : [],
      );
      expect(reasons.every((reason) => reason === 'session_ended')).toBe(true);
    });
    expect((await ends()).filter((end) => end === null).length).toBeLessThanOrEqual(1);
  });

  it('lets one of two changes win that are made at once with the same password', async () => {
    const { change, logIn } = await setUp();
    const chosen = [`${NEW} one`, `${NEW} two`];
    const changes = await Promise.allSettled(chosen.map((password) => change(OLD, password)));
    expect(changes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const logins = await Promise.allSettled(chosen.map(logIn));
    expect(logins.map(({ status }) => status)).toEqual(changes.map(({ status }) => status));
  });
});
