import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import { openAuthDatabase, openSession, ORIGIN, replicaOf, CLIENT_ADDRESS } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { newRefreshToken, refreshTokenDigest } from './refresh-token';
import { openSuccessor } from './sealed-successor';
import { STRICT_SESSION_POLICY } from './session-policy';

const DAY_SECONDS = 24 * 60 * 60;
const INVALID_GRANT = { status: 'UNAUTHENTICATED', reason: 'invalid_grant' };

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

async function setUp() {
  const replica = await replicaOf(database);
  const account = await replica.newAccount();
  const { sessions } = replica;
  return {
    ...replica,
    account,
    open: () => openSession(replica, account),
    refresh: (token: string) => sessions.refresh(token, ORIGIN),
    logOut: (token: string) => sessions.logOut(token, ORIGIN),
    rows: () =>
      database.db.selectFrom('sessions').selectAll().where('account_id', '=', account.id).execute(),
  };
}

type World = Awaited<ReturnType<typeof setUp>>;

describe('SessionsService refuses to refresh', () => {
  it.each<[string, (world: World) => Promise<string>, string]>([
    ['nothing', async () => '', 'refresh_token_refused'],
    ['what is no token', async () => 'x'.repeat(43) + '=', 'refresh_token_refused'],
    ['a megabyte', async () => 'x'.repeat(1_000_000), 'refresh_token_refused'],
    ['a token nobody issued', async () => newRefreshToken(), 'refresh_token_refused'],
    [
      'the digest of a token',
      async ({ open, rows }) => {
        await open();
        return (await rows())[0]?.current_token?.toString('base64url') ?? '';
      },
      'refresh_token_refused',
    ],
    [
      'a token of a session that was logged out',
      async ({ open, logOut, events }) => {
        const { refreshToken } = await open();
        await logOut(refreshToken);
        events.clear();
        return refreshToken;
      },
      'refresh_token_refused',
    ],
    [
      'a token at the absolute end of its session, however often it was refreshed',
      async ({ open, refresh, clock }) => {
        let { refreshToken } = await open();
        for (let day = 0; day < 7; day += 1) {
          ({ refreshToken } = await refresh(refreshToken));
          clock.advance({ seconds: DAY_SECONDS });
        }
        return refreshToken;
      },
      'refresh_token_refused',
    ],
    [
      'a token that was exchanged before',
      async ({ open, refresh }) => {
        const { refreshToken } = await open();
        await refresh(refreshToken);
        return refreshToken;
      },
      'refresh_token_replayed',
    ],
    [
      'a token that was exchanged long before',
      async ({ open, refresh }) => {
        const first = await open();
        const second = await refresh(first.refreshToken);
        await refresh(second.refreshToken);
        return first.refreshToken;
      },
      'refresh_token_replayed',
    ],
    [
      'the current token of a session in which another was replayed',
      async ({ open, refresh, events }) => {
        const first = await open();
        const second = await refresh(first.refreshToken);
        await expect(refresh(first.refreshToken)).rejects.toMatchObject(INVALID_GRANT);
        events.clear();
        return second.refreshToken;
      },
      'refresh_token_refused',
    ],
    [
      'a token that was replayed before',
      async ({ open, refresh, events }) => {
        const { refreshToken } = await open();
        await refresh(refreshToken);
        await expect(refresh(refreshToken)).rejects.toMatchObject(INVALID_GRANT);
        events.clear();
        return refreshToken;
      },
      'refresh_token_refused',
    ],
  ])('%s', async (_name, present, reason) => {
    const world = await setUp();
    const token = await present(world);
    const before = await world.rows();

    await expect(world.refresh(token)).rejects.toMatchObject({
      ...INVALID_GRANT,
      message: 'UNAUTHENTICATED: invalid_grant',
    });

    expect(world.events.all).toEqual([
      expect.objectContaining({
        type: 'session',
        outcome: 'refused',
        reason,
        clientAddress: CLIENT_ADDRESS,
      }),
    ]);
    const after = await world.rows();
    expect(after.map((row) => row.current_token)).toEqual(before.map((row) => row.current_token));
    expect(after.map((row) => row.end_reason)).toEqual(
      reason === 'refresh_token_replayed'
        ? ['refresh_token_replayed']
        : before.map((row) => row.end_reason),
    );
  });

  it('all but one of many that present the same token at once, and ends the session', async () => {
    const { open, refresh, events, rows } = await setUp();
    const { refreshToken } = await open();

    const outcomes = await Promise.allSettled(
      Array.from({ length: 12 }, () => refresh(refreshToken)),
    );

    const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    const losers = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(winners).toHaveLength(1);
    expect(losers.map(({ reason }) => reason as unknown)).toEqual(
      losers.map(() => expect.objectContaining(INVALID_GRANT)),
    );
    expect(events.refusals.filter((reason) => reason === 'refresh_token_replayed')).toHaveLength(1);
    expect(await rows()).toEqual([
      expect.objectContaining({ end_reason: 'refresh_token_replayed' }),
    ]);
    for (const { value } of winners) {
      await expect(refresh(value.refreshToken)).rejects.toMatchObject(INVALID_GRANT);
    }
  });
});

describe('SessionsService of a session that is refreshed too fast', () => {
  const TOO_FAST = new ServiceError('RESOURCE_EXHAUSTED', 'too_many_attempts');

  it('refuses, and keeps the token good', async () => {
    const { open, refresh, refreshes } = await setUp();
    const { refreshToken } = await open();
    refreshes.refusal = TOO_FAST;
    await expect(refresh(refreshToken)).rejects.toBe(TOO_FAST);
    refreshes.refusal = undefined;
    await expect(refresh(refreshToken)).resolves.toBeDefined();
  });

  it('counts by session, and nothing but the current token: a replay ends it as ever', async () => {
    const { open, refresh, refreshes, rows } = await setUp();
    const first = await open();
    const second = await refresh(first.refreshToken);
    await refresh(second.refreshToken);
    const [session] = await rows();
    expect(refreshes.sessions).toEqual([session?.id, session?.id]);
    refreshes.refusal = TOO_FAST;
    await expect(refresh(first.refreshToken)).rejects.toMatchObject(INVALID_GRANT);
    await expect(refresh(newRefreshToken())).rejects.toMatchObject(INVALID_GRANT);
    expect(refreshes.sessions).toHaveLength(2);
    expect(await rows()).toEqual([
      expect.objectContaining({ end_reason: 'refresh_token_replayed' }),
    ]);
  });
});

describe('SessionsService', () => {
  it('stores no token, only digests', async () => {
    const { open, refresh, rows } = await setUp();
    const first = await open();
    const second = await refresh(first.refreshToken);

    const [session] = await rows();
    const rotated = await database.db
      .selectFrom('rotated_tokens')
      .selectAll()
      .where('session_id', '=', session?.id ?? '')
      .execute();
    expect(session?.current_token).toEqual(refreshTokenDigest(second.refreshToken));
    expect(rotated).toEqual([
      expect.objectContaining({
        token: refreshTokenDigest(first.refreshToken),
        successor: refreshTokenDigest(second.refreshToken),
      }),
    ]);
  });

  it('ends one session and no other when its token is replayed', async () => {
    const { open, refresh, rows } = await setUp();
    const mine = await open();
    const other = await open();
    await refresh(mine.refreshToken);
    await expect(refresh(mine.refreshToken)).rejects.toMatchObject(INVALID_GRANT);

    expect((await rows()).map((row) => row.end_reason).sort()).toEqual([
      null,
      'refresh_token_replayed',
    ]);
    await expect(refresh(other.refreshToken)).resolves.toBeDefined();
  });

  it('logs out the session of a token, once', async () => {
    const { open, logOut, events, rows, account } = await setUp();
    const { refreshToken } = await open();
    await logOut(refreshToken);
    await logOut(refreshToken);

    expect(await rows()).toEqual([expect.objectContaining({ end_reason: 'logout' })]);
    expect(events.all).toEqual([
      {
        type: 'session',
        outcome: 'succeeded',
        reason: 'logged_out',
        principal: account.id,
        session: expect.any(String),
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
  });

  it('ends the session when a token that was exchanged before is used to log out', async () => {
    const { open, refresh, logOut, events, rows } = await setUp();
    const { refreshToken } = await open();
    await refresh(refreshToken);
    await logOut(refreshToken);

    expect(await rows()).toEqual([
      expect.objectContaining({ end_reason: 'refresh_token_replayed' }),
    ]);
    expect(events.refusals).toEqual(['refresh_token_replayed']);
  });

  it.each(['', 'no token', newRefreshToken()])('takes a logout with %j for done', async (token) => {
    const { logOut, events } = await setUp();
    await expect(logOut(token)).resolves.toBeUndefined();
    expect(events.all).toEqual([]);
  });

  it('issues an access token for the session and a refresh token for seven days', async () => {
    const { open, verify, account, clock, rows } = await setUp();
    const tokens = await open();

    const [session] = await rows();
    expect(tokens).toMatchObject({
      expiresIn: 900,
      scope: 'orders:read orders:write billing:read billing:refund api-keys:manage',
      refreshToken: expect.stringMatching(/^[\w-]{43}$/),
      sessionExpiresAt: new Date(clock.now().getTime() + 7 * DAY_SECONDS * 1000),
    });
    expect(await verify(tokens.accessToken)).toMatchObject({
      sub: account.id,
      client_id: 'sallyport-web',
      sid: session?.id,
      acr: 'urn:sallyport:acr:password',
      amr: ['pwd'],
      auth_time: clock.epochSeconds,
      exp: clock.epochSeconds + 900,
      scopes: new Set(account.scopes),
    });
  });

  it('refreshes without moving the end of the session or the time of authentication', async () => {
    const { open, refresh, verify, clock, account } = await setUp();
    const first = await open();
    const authTime = clock.epochSeconds;
    clock.advance({ seconds: DAY_SECONDS });
    await database.db
      .updateTable('accounts')
      .set({ scopes: ['orders:read'] })
      .where('id', '=', account.id)
      .execute();
    const second = await refresh(first.refreshToken);

    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(second.sessionExpiresAt).toEqual(first.sessionExpiresAt);
    expect(await verify(second.accessToken)).toMatchObject({
      auth_time: authTime,
      iat: clock.epochSeconds,
      scopes: new Set(['orders:read']),
    });
  });

  it('remembers from where and with what a session was last used', async () => {
    const { open, sessions, rows, clock } = await setUp();
    const { refreshToken } = await open();
    clock.advance({ seconds: 60 });
    const origin = { clientAddress: '198.51.100.4', userAgent: 'another browser' };
    await sessions.refresh(refreshToken, origin);
    expect(await rows()).toEqual([
      expect.objectContaining({
        client_address: '198.51.100.4',
        user_agent: 'another browser',
        last_used_at: clock.now(),
      }),
    ]);
  });

  it('issues no access token that outlives its session', async () => {
    const { open, refresh, verify, clock } = await setUp();
    const first = await open();
    clock.advance({ seconds: 7 * DAY_SECONDS - 100 });
    const last = await refresh(first.refreshToken);
    expect(last.expiresIn).toBe(100);
    const { exp } = await verify(last.accessToken);
    expect(exp * 1000).toBe(last.sessionExpiresAt.getTime());
  });

  it('revokes at the gateways every session that ends, with the end', async () => {
    const { open, refresh, logOut, feed, rows, clock } = await setUp();
    const replayed = await open();
    await refresh(replayed.refreshToken);
    await expect(refresh(replayed.refreshToken)).rejects.toMatchObject(INVALID_GRANT);
    const loggedOut = await open();
    await logOut(loggedOut.refreshToken);
    await open();
    const ended = (await rows()).filter((row) => row.ended_at !== null);
    expect(feed.published).toHaveLength(2);
    expect(feed.published).toEqual(
      expect.arrayContaining(
        ended.map(({ id }) => ({ kind: 'session', id, expiresAt: clock.epochSeconds + 960 })),
      ),
    );
  });
});

describe('SessionsService with an idle limit', () => {
  it('refuses a session that was left alone for so long, and no other', async () => {
    const policy = { ...STRICT_SESSION_POLICY, idleLimitSeconds: DAY_SECONDS };
    const replica = await replicaOf(database, undefined, policy);
    const { sessions, clock } = replica;
    const account = await replica.newAccount();
    const idle = await openSession(replica, account);
    let used = await openSession(replica, account);
    for (let hour = 0; hour < 24; hour += 12) {
      clock.advance({ seconds: DAY_SECONDS / 2 });
      used = await sessions.refresh(used.refreshToken, ORIGIN);
    }
    // Nothing is left to be revoked of it, so that not even the feed is missed.
    replica.feed.isPublishing = false;
    await expect(sessions.refresh(idle.refreshToken, ORIGIN)).rejects.toMatchObject(INVALID_GRANT);
    await expect(sessions.logOut(idle.refreshToken, ORIGIN)).resolves.toBeUndefined();
    await expect(sessions.refresh(used.refreshToken, ORIGIN)).resolves.toBeDefined();
  });
});

describe('SessionsService with a grace', () => {
  const GRACE_SECONDS = 10;

  async function setUpGrace() {
    const policy = { ...STRICT_SESSION_POLICY, refreshGraceSeconds: GRACE_SECONDS };
    const replica = await replicaOf(database, undefined, policy);
    const first = await openSession(replica, await replica.newAccount());
    const second = await replica.sessions.refresh(first.refreshToken, ORIGIN);
    const refresh = (token: string) => replica.sessions.refresh(token, ORIGIN);
    return { ...replica, refresh, first, second };
  }

  type GraceWorld = Awaited<ReturnType<typeof setUpGrace>>;

  it.each<[string, (world: GraceWorld) => Promise<string>]>([
    [
      'once the grace is over',
      async ({ first, clock }) => {
        clock.advance({ seconds: GRACE_SECONDS });
        return first.refreshToken;
      },
    ],
    [
      'when the clock was set back by more than the grace',
      async ({ first, clock }) => {
        clock.advance({ seconds: -GRACE_SECONDS });
        return first.refreshToken;
      },
    ],
    [
      'once the successor was used',
      async ({ first, second, refresh }) => {
        await refresh(second.refreshToken);
        return first.refreshToken;
      },
    ],
    [
      'for the token before the predecessor',
      async ({ first, second, refresh }) => {
        await refresh(second.refreshToken);
        await refresh(second.refreshToken);
        return first.refreshToken;
      },
    ],
  ])('ends the session %s', async (_, present) => {
    const world = await setUpGrace();
    const token = await present(world);
    await expect(world.refresh(token)).rejects.toMatchObject(INVALID_GRANT);
    expect(world.events.refusals).toEqual(['refresh_token_replayed']);
    await expect(world.refresh(world.second.refreshToken)).rejects.toMatchObject(INVALID_GRANT);
  });

  it('answers the predecessor with the same successor, as often as it is presented, at once too', async () => {
    const { refresh, first, second, verify, events } = await setUpGrace();
    const again = await Promise.all([1, 2, 3].map(() => refresh(first.refreshToken)));
    for (const each of again) {
      expect(each.refreshToken).toBe(second.refreshToken);
      expect(each.sessionExpiresAt).toEqual(second.sessionExpiresAt);
      await expect(verify(each.accessToken)).resolves.toBeDefined();
    }
    expect(events.refusals).toEqual([]);
    const third = await refresh(second.refreshToken);
    expect(third.refreshToken).not.toBe(second.refreshToken);
  });

  it('keeps nothing of the successor that the database could tell, nor anything once it was used', async () => {
    const { refresh, second, first } = await setUpGrace();
    const row = () =>
      database.db
        .selectFrom('rotated_tokens')
        .selectAll()
        .where('token', '=', refreshTokenDigest(first.refreshToken))
        .executeTakeFirstOrThrow();
    const sealed = (await row()).sealed_successor ?? Buffer.alloc(0);
    expect(sealed.includes(second.refreshToken)).toBe(false);
    expect(() => openSuccessor(newRefreshToken(), sealed)).toThrow();
    expect(openSuccessor(first.refreshToken, sealed)).toBe(second.refreshToken);
    await refresh(second.refreshToken);
    expect((await row()).sealed_successor).toBeNull();
  });
});

describe('SessionsService while the feed is gone', () => {
  const UNAVAILABLE = { status: 'UNAVAILABLE', reason: 'dependency_unavailable' };

  it.each<[string, (world: World, token: string) => Promise<unknown>]>([
    ['log out', ({ logOut }, token) => logOut(token)],
    [
      'end the session of a replayed token',
      async ({ refresh, feed }, token) => {
        feed.isPublishing = true;
        await refresh(token);
        feed.isPublishing = false;
        return refresh(token);
      },
    ],
    [
      'end the session of a revoked token',
      ({ tokenRevocation }, token) => tokenRevocation.revoke(token, ORIGIN),
    ],
  ])('does not %s, and nothing is half done', async (_, attempt) => {
    const world = await setUp();
    const { refreshToken } = await world.open();
    world.feed.isPublishing = false;
    await expect(attempt(world, refreshToken)).rejects.toMatchObject(UNAVAILABLE);
    expect(await world.rows()).toEqual([expect.objectContaining({ ended_at: null })]);
    expect(world.feed.published).toEqual([]);

    world.feed.isPublishing = true;
    await world.logOut(refreshToken);
    expect(await world.rows()).toEqual([expect.objectContaining({ ended_at: expect.any(Date) })]);
    expect(world.feed.published).toHaveLength(1);
  });

  it('refreshes, and refuses what it does not know as ever: neither revokes anything', async () => {
    const { open, refresh, logOut, feed } = await setUp();
    const { refreshToken } = await open();
    feed.isPublishing = false;
    await expect(refresh(refreshToken)).resolves.toBeDefined();
    await expect(refresh(newRefreshToken())).rejects.toMatchObject(INVALID_GRANT);
    await expect(logOut(newRefreshToken())).resolves.toBeUndefined();
  });
});
