import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { TokenMint } from '@sallyport/testing';
import { CLIENT_ADDRESS, openAuthDatabase, openSession, ORIGIN, replicaOf } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { newRefreshToken } from './refresh-token';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

async function setUp() {
  const replica = await replicaOf(database);
  const account = await replica.newAccount();
  const tokens = await openSession(replica, account);
  const revoke = (token: string) => replica.tokenRevocation.revoke(token, ORIGIN);
  return { ...replica, account, tokens, revoke };
}

type World = Awaited<ReturnType<typeof setUp>>;

describe('TokenRevocationService takes for done, and does nothing with', () => {
  it.each<[string, (world: World) => string]>([
    ['nothing', () => ''],
    ['what is no token', () => randomUUID()],
    ['a refresh token nobody was given', () => newRefreshToken()],
    ['a token of another issuer', ({ clock }) => new TokenMint({ clock: clock.now }).accessToken()],
    ['an access token that was altered', ({ tokens }) => `${tokens.accessToken.slice(0, -4)}AAAA`],
    [
      'an access token that has expired',
      ({ clock, tokens }) => {
        clock.advance({ seconds: 906 });
        return tokens.accessToken;
      },
    ],
  ])('%s', async (_, tokenOf) => {
    const world = await setUp();
    await expect(world.revoke(tokenOf(world))).resolves.toBeUndefined();
    expect(world.feed.published).toEqual([]);
    expect(world.events.all).toEqual([]);
  });
});

describe('TokenRevocationService', () => {
  it('revokes one access token once, until after its end, and leaves its session alone', async () => {
    const { revoke, tokens, verify, feed, events, account, sessions } = await setUp();
    const { jti, exp, sid } = await verify(tokens.accessToken);
    await Promise.all([revoke(tokens.accessToken), revoke(tokens.accessToken)]);
    await revoke(tokens.accessToken);
    expect(feed.published).toEqual([{ kind: 'token', id: jti, expiresAt: exp + 60 }]);
    expect(events.all).toEqual([
      {
        type: 'token',
        outcome: 'succeeded',
        reason: 'token_revoked',
        principal: account.id,
        session: sid,
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
    await expect(sessions.refresh(tokens.refreshToken, ORIGIN)).resolves.toBeDefined();
  });

  it('does not revoke an access token while the feed is gone', async () => {
    const { revoke, tokens, feed, revocationRows } = await setUp();
    feed.isPublishing = false;
    const before = await revocationRows.inForce(undefined, 1000);
    await expect(revoke(tokens.accessToken)).rejects.toMatchObject({ status: 'UNAVAILABLE' });
    expect(await revocationRows.inForce(undefined, 1000)).toHaveLength(before.length);
  });

  it('revokes a refresh token with its session', async () => {
    const { revoke, tokens, verify, feed, sessions } = await setUp();
    const { sid } = await verify(tokens.accessToken);
    await revoke(tokens.refreshToken);
    await revoke(tokens.refreshToken);
    expect(feed.published).toEqual([{ kind: 'session', id: sid, expiresAt: expect.any(Number) }]);
    await expect(sessions.refresh(tokens.refreshToken, ORIGIN)).rejects.toMatchObject({
      reason: 'invalid_grant',
    });
  });

  it('takes the revocation of a refresh token that was exchanged for the replay it is', async () => {
    const { revoke, tokens, sessions, events } = await setUp();
    const next = await sessions.refresh(tokens.refreshToken, ORIGIN);
    await revoke(tokens.refreshToken);
    expect(events.refusals).toEqual(['refresh_token_replayed']);
    await expect(sessions.refresh(next.refreshToken, ORIGIN)).rejects.toMatchObject({
      reason: 'invalid_grant',
    });
  });
});
