import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@sallyport/persistence';
import { createPrincipal } from '@sallyport/principal';
import { PASSWORD_AUTHENTICATION } from '../accounts/credentials';
import { CLIENT_ADDRESS, openAuthDatabase, openSession, ORIGIN, replicaOf } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { MOST_LIVE_SESSIONS, SESSION_LIFETIME_SECONDS } from './session';

const NOT_FOUND = { status: 'NOT_FOUND', reason: 'session_not_found' };

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

/** Somebody with three sessions, and somebody else with one. */
async function setUp() {
  const replica = await replicaOf(database);
  const { ownSessions, verify, clock } = replica;
  const [account, stranger] = [await replica.newAccount(), await replica.newAccount()];
  const open = async (owner = account) => {
    const tokens = await openSession(replica, owner);
    const { sid = '' } = await verify(tokens.accessToken);
    clock.advance({ seconds: 1 });
    return { ...tokens, id: sid };
  };
  const mine = [await open(), await open(), await open()] as const;
  const foreign = await open(stranger);
  const principal = createPrincipal({
    id: account.id,
    type: 'user',
    scopes: new Set<string>(),
    clientId: 'sallyport-web',
    sessionId: mine[0].id,
  });
  return {
    ...replica,
    account,
    mine,
    foreign,
    principal,
    endOne: (id: string, by = principal) => ownSessions.endOne(by, id, CLIENT_ADDRESS),
    live: async (by = principal) => (await ownSessions.list(by)).map(({ id }) => id),
  };
}

type World = Awaited<ReturnType<typeof setUp>>;

describe('OwnSessionsService, while the password is being changed', () => {
  it.each<[string, (world: World) => Promise<number>]>([
    ['everything', ({ ownSessions, principal }) => ownSessions.endAll(principal, CLIENT_ADDRESS)],
    ['others', ({ ownSessions, principal }) => ownSessions.endOthers(principal, CLIENT_ADDRESS)],
  ])('ends %s after it, its new session as well', async (_, end) => {
    const world = await setUp();
    const { account, accounts, ends, sessions, keys, clock, live } = world;
    const key = await keys.active();
    let ended: Promise<number> | undefined;
    await database.db.transaction().execute(async (transaction) => {
      const version = await accounts.setPassword(transaction, account, {
        ...{ passwordHash: '$argon2id$another', now: clock.now() },
      });
      const owner = { id: account.id, passwordVersion: version ?? 0 };
      await ends.all(account.id, { reason: 'password_changed', now: clock.now() }, transaction);
      await sessions.openWith(key, owner, PASSWORD_AUTHENTICATION, ORIGIN, transaction);
      ended = end(world);
      // It must wait; without that it would be done by now.
      await Promise.race([ended, delay(200)]);
    });
    expect(await ended).toBe(1);
    expect(await live()).toEqual([]);
  });
});

describe('OwnSessionsService does not end', () => {
  it.each<[string, (world: World) => string]>([
    ['a session of somebody else', ({ foreign }) => foreign.id],
    ['a session there is not', () => randomUUID()],
    ['what is no id', () => "' OR true --"],
    ['an id in another spelling', ({ mine }) => mine[1].id.toUpperCase()],
  ])('%s', async (_, idOf) => {
    const world = await setUp();
    await expect(world.endOne(idOf(world))).rejects.toMatchObject(NOT_FOUND);
    expect(await world.live()).toHaveLength(3);
    expect(world.feed.published).toEqual([]);
    expect(world.events.all).toEqual([]);
    await expect(world.endOne(world.mine[1].id)).resolves.toBeUndefined();
  });

  it('one that has ended', async () => {
    const { endOne, mine } = await setUp();
    await endOne(mine[1].id);
    await expect(endOne(mine[1].id)).rejects.toMatchObject(NOT_FOUND);
  });

  it('anything while the feed is gone', async () => {
    const { ownSessions, principal, endOne, mine, feed, live } = await setUp();
    feed.isPublishing = false;
    const unavailable = { status: 'UNAVAILABLE', reason: 'dependency_unavailable' };
    await expect(endOne(mine[1].id)).rejects.toMatchObject(unavailable);
    await expect(ownSessions.endOthers(principal, CLIENT_ADDRESS)).rejects.toMatchObject(
      unavailable,
    );
    await expect(ownSessions.endAll(principal, CLIENT_ADDRESS)).rejects.toMatchObject(unavailable);
    expect(await live()).toHaveLength(3);
  });

  it('anything for a principal that has no account here', async () => {
    const { ownSessions, account, live, mine } = await setUp();
    const client = createPrincipal({
      id: account.id,
      type: 'client',
      scopes: new Set<string>(),
      clientId: account.id,
      sessionId: mine[0].id,
    });
    expect(await ownSessions.list(client)).toEqual([]);
    expect(await ownSessions.endOthers(client, CLIENT_ADDRESS)).toBe(0);
    expect(await ownSessions.endAll(client, CLIENT_ADDRESS)).toBe(0);
    expect(await live()).toHaveLength(3);
  });
});

describe('OwnSessionsService', () => {
  it('lists live sessions only, the most recently used first', async () => {
    const { sessions, mine, ownSessions, principal, clock } = await setUp();
    await sessions.logOut(mine[1].refreshToken, ORIGIN);
    await sessions.refresh(mine[0].refreshToken, { ...ORIGIN, userAgent: 'newer' });
    const listed = await ownSessions.list(principal);
    expect(listed.map(({ id }) => id)).toEqual([mine[0].id, mine[2].id]);
    expect(listed[0]).toMatchObject({
      lastUsedAt: clock.now(),
      clientAddress: CLIENT_ADDRESS,
      userAgent: 'newer',
      expiresAt: mine[0].sessionExpiresAt,
    });
    clock.advance({ seconds: SESSION_LIFETIME_SECONDS });
    expect(await ownSessions.list(principal)).toEqual([]);
  });

  it('ends one session, which refreshes no more, and leaves a trace', async () => {
    const { endOne, live, mine, sessions, feed, events, account } = await setUp();
    await endOne(mine[1].id);
    expect(await live()).toEqual([mine[2].id, mine[0].id]);
    expect(feed.published).toEqual([
      { kind: 'session', id: mine[1].id, expiresAt: expect.any(Number) },
    ]);
    expect(events.all).toEqual([
      {
        type: 'session',
        outcome: 'succeeded',
        reason: 'session_ended_by_user',
        principal: account.id,
        session: mine[1].id,
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
    await expect(sessions.refresh(mine[1].refreshToken, ORIGIN)).rejects.toMatchObject({
      reason: 'invalid_grant',
    });
    await expect(sessions.refresh(mine[0].refreshToken, ORIGIN)).resolves.toBeDefined();
  });

  it('ends all others', async () => {
    const { ownSessions, principal, live, mine, foreign, sessions } = await setUp();
    expect(await ownSessions.endOthers(principal, CLIENT_ADDRESS)).toBe(2);
    expect(await live()).toEqual([mine[0].id]);
    await expect(sessions.refresh(foreign.refreshToken, ORIGIN)).resolves.toBeDefined();
  });

  it('ends all', async () => {
    const { ownSessions, principal, live, feed, foreign, sessions } = await setUp();
    expect(await ownSessions.endAll(principal, CLIENT_ADDRESS)).toBe(3);
    expect(await live()).toEqual([]);
    expect(feed.published).toHaveLength(3);
    await expect(sessions.refresh(foreign.refreshToken, ORIGIN)).resolves.toBeDefined();
  });

  it('ends the one that was left alone for longest when an account has too many', async () => {
    const { account, live, clock, feed, events, mine, ...replica } = await setUp();
    const ids = [...mine.map(({ id }) => id)];
    while (ids.length < MOST_LIVE_SESSIONS) {
      const { accessToken } = await openSession(replica, account);
      ids.push((await replica.verify(accessToken)).sid ?? '');
      clock.advance({ milliseconds: 1 });
    }
    expect(feed.published).toEqual([]);
    feed.isPublishing = false;
    await expect(openSession(replica, account)).rejects.toMatchObject({ status: 'UNAVAILABLE' });
    feed.isPublishing = true;
    await openSession(replica, account);
    expect(feed.published).toEqual([expect.objectContaining({ id: ids[0] })]);
    expect(events.all.at(-1)).toMatchObject({ reason: 'too_many_sessions', session: ids[0] });
    expect(await live()).toHaveLength(MOST_LIVE_SESSIONS);

    await Promise.all(Array.from({ length: 10 }, () => openSession(replica, account)));
    expect(await live()).toHaveLength(MOST_LIVE_SESSIONS);
  });
});
