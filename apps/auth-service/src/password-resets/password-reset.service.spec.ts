import type { Database } from '@sallyport/persistence';
import { CLIENT_ADDRESS, openAuthDatabase, openSession, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { resetsOf } from './password-resets.fixture';
import { newResetToken, resetTokenDigest, type ResetToken } from './reset-token';

const OLD = 'correct horse battery staple';
const NEW = 'another horse battery staple';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(async () => {
  await database.db.deleteFrom('mails').execute();
  await database.db.deleteFrom('password_reset_requests').execute();
});

afterAll(() => database.close());

/** Somebody who is signed in and has a link. */
async function setUp() {
  const replica = await resetsOf(database);
  const account = await replica.newAccount({ passwordHash: `$argon2id$current$${OLD}` });
  const tokens = await openSession(replica, account);
  const token = (await replica.linkFor(account.email)) ?? '';
  replica.events.clear();
  const logIn = (password: string) =>
    replica.login.logIn({ ...ORIGIN, email: account.email, password });
  return { ...replica, account, tokens, token, logIn };
}

type World = Awaited<ReturnType<typeof setUp>>;

describe('PasswordResetService gives one refusal', () => {
  it.each<[string, string, (world: World) => Promise<string>]>([
    ['no token', 'password_reset_unknown', async () => ''],
    ['half a token', 'password_reset_unknown', async ({ token }) => token.slice(1)],
    ['a made-up token', 'password_reset_unknown', async () => newResetToken()],
    [
      'the digest that is stored',
      'password_reset_unknown',
      async ({ token }) => resetTokenDigest(token as ResetToken).toString('base64url'),
    ],
    [
      'a token that has run out',
      'password_reset_expired',
      async ({ token, clock }) => {
        clock.advance({ seconds: 30 * 60 });
        return token;
      },
    ],
    [
      'a token that was used',
      'password_reset_used',
      async ({ token, reset, events }) => {
        await reset(token, 'yet another horse battery');
        events.clear();
        return token;
      },
    ],
    [
      'a token before another one',
      'password_reset_replaced',
      async ({ token, linkFor, account, events }) => {
        await linkFor(account.email);
        events.clear();
        return token;
      },
    ],
    [
      'a token of a locked account',
      'account_locked',
      async ({ token, control, account, events }) => {
        await control.lock(account.id, undefined);
        events.clear();
        return token;
      },
    ],
  ])('to %s', async (_name, reason, tokenOf) => {
    const world = await setUp();
    const token = await tokenOf(world);
    world.passwords.calls.length = 0;
    world.feed.published.length = 0;
    await expect(world.reset(token, NEW)).rejects.toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'password_reset_refused',
    });
    expect(world.passwords.calls).toEqual([]);
    expect(world.feed.published).toEqual([]);
    expect(world.events.all).toEqual([
      expect.objectContaining({
        type: 'account',
        outcome: 'refused',
        reason,
        clientAddress: CLIENT_ADDRESS,
      }),
    ]);
    await expect(world.logIn(NEW)).rejects.toMatchObject({ reason: 'invalid_credentials' });
  });

  it('to a token from before the password was changed', async () => {
    const world = await setUp();
    const { account, passwordChange, verify, tokens, events } = world;
    const principal = { ...(await verify(tokens.accessToken)), id: account.id };
    await passwordChange.change({ ...principal, type: 'user', sessionId: principal.sid } as never, {
      ...ORIGIN,
      currentPassword: OLD,
      newPassword: NEW,
    });
    events.clear();
    await expect(world.reset(world.token, 'yet another horse battery')).rejects.toMatchObject({
      reason: 'password_reset_refused',
    });
    expect(events.all).toMatchObject([{ reason: 'password_reset_password_changed' }]);
    await expect(world.logIn(NEW)).resolves.toBeDefined();
  });
});

describe('PasswordResetService leaves the link as it is', () => {
  it.each<[string, string, (world: World) => string]>([
    ['a short password', 'password_too_short', () => 'short'],
    ['a common password', 'password_too_common', () => 'PasswordPassword'],
    ['the e-mail address', 'password_too_personal', ({ account }) => account.email],
    [
      'a breached password',
      'password_breached',
      ({ breaches }) => {
        breaches.passwords.add('seen in a breach, alas');
        return 'seen in a breach, alas';
      },
    ],
  ])('for %s', async (_name, reason, passwordOf) => {
    const world = await setUp();
    await expect(world.reset(world.token, passwordOf(world))).rejects.toMatchObject({ reason });
    expect(world.feed.published).toEqual([]);
    await expect(world.reset(world.token, NEW)).resolves.toBeUndefined();
  });

  it('while the feed is gone', async () => {
    const { feed, reset, token } = await setUp();
    feed.isPublishing = false;
    await expect(reset(token, NEW)).rejects.toMatchObject({ reason: 'dependency_unavailable' });
    feed.isPublishing = true;
    await expect(reset(token, NEW)).resolves.toBeUndefined();
  });
});

describe('PasswordResetService', () => {
  it('lets exactly one of many uses at once win', async () => {
    const { reset, token, logIn } = await setUp();
    const chosen = Array.from({ length: 6 }, (_, index) => `${NEW} ${index}`);
    const outcomes = await Promise.allSettled(chosen.map((password) => reset(token, password)));
    const won = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
    expect(won).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toMatchObject({ reason: 'password_reset_refused' });
      }
    }
    await expect(logIn(chosen[won[0] ?? 0] ?? '')).resolves.toBeDefined();
  });

  it('uses a link up by one statement: of many at once one succeeds', async () => {
    const { resets, token, clock } = await setUp();
    const uses = Array.from({ length: 8 }, () =>
      resets.use(database.db, token as ResetToken, clock.now()),
    );
    expect((await Promise.all(uses)).filter((isUsed) => isUsed)).toHaveLength(1);
  });

  it('sets the password, ends every session, and tells the owner and the log', async () => {
    const world = await setUp();
    const { account, token, tokens, reset, logIn, verify, sessions, events, feed } = world;
    const { sid } = await verify(tokens.accessToken);
    await reset(token, NEW);

    expect(events.all).toEqual([
      {
        type: 'account',
        outcome: 'succeeded',
        reason: 'password_reset',
        principal: account.id,
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
    expect(feed.published).toMatchObject([{ kind: 'session', id: sid }]);
    await expect(sessions.refresh(tokens.refreshToken, ORIGIN)).rejects.toMatchObject({
      reason: 'invalid_grant',
    });
    await expect(logIn(OLD)).rejects.toMatchObject({ reason: 'invalid_credentials' });
    await expect(logIn(NEW)).resolves.toBeDefined();
    expect(world.throttle.forgotten).toContainEqual({
      email: account.email,
      clientAddress: CLIENT_ADDRESS,
    });
    await world.delivery.run();
    const sent = world.mails.sent.filter(({ to }) => to === account.email);
    expect(sent.map(({ subject }) => subject).sort()).toEqual([
      'A new sign in to your account',
      'Choose a new password',
      'Your password was changed',
    ]);
  });
});
