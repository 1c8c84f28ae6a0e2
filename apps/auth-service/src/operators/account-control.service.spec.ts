import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { accountsOf, tokensOf } from '../accounts/accounts.fixture';
import { openAuthDatabase, openSession, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';

const PASSWORD = 'correct horse battery staple';
const OPERATOR = randomUUID();

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

async function setUp() {
  const replica = await accountsOf(database);
  const account = await replica.newAccount({ passwordHash: `$argon2id$current$${PASSWORD}` });
  const bystander = await openSession(replica, await replica.newAccount());
  const opened = [
    await openSession(replica, account),
    await openSession(replica, account),
  ] as const;
  const logIn = () =>
    tokensOf(replica.login.logIn({ ...ORIGIN, email: account.email, password: PASSWORD }));
  return { ...replica, account, bystander, opened, logIn };
}

describe.each(['lock', 'endSessions', 'delete'] as const)('AccountControlService.%s', (order) => {
  it.each([randomUUID(), `${randomUUID()}@example.com`])('finds no account %s', async (named) => {
    const { control, feed } = await setUp();
    await expect(control[order](named, OPERATOR)).rejects.toMatchObject({
      status: 'NOT_FOUND',
      reason: 'account_not_found',
    });
    expect(feed.published).toEqual([]);
  });

  it('ends all sessions and access tokens of the account, and those of nobody else', async () => {
    const { control, account, opened, bystander, sessions, verify, feed, clock, events } =
      await setUp();
    const { id, endedSessions } = await control[order](account.email.toUpperCase(), OPERATOR);
    expect({ id, endedSessions }).toEqual({ id: account.id, endedSessions: 2 });
    for (const { refreshToken } of opened) {
      await expect(sessions.refresh(refreshToken, ORIGIN)).rejects.toMatchObject({
        reason: 'invalid_grant',
      });
    }
    const { iat } = await verify(opened[0].accessToken);
    expect(feed.published).toHaveLength(3);
    expect(feed.published).toContainEqual({
      kind: 'subject',
      id: account.id,
      issuedBefore: iat + 1,
      expiresAt: clock.epochSeconds + 960,
    });
    expect(events.all.at(0)).toMatchObject({
      type: 'account',
      outcome: 'succeeded',
      principal: OPERATOR,
      target: account.id,
    });
    await expect(sessions.refresh(bystander.refreshToken, ORIGIN)).resolves.toBeDefined();
  });

  it('is recorded while the feed is gone: an operator does not wait for Redis', async () => {
    const { control, account, feed, revocationRows } = await setUp();
    feed.isPublishing = false;
    const before = (await revocationRows.due(1000)).length;
    await control[order](account.id, OPERATOR);
    expect(await revocationRows.due(1000)).toHaveLength(before + 3);
  });
});

describe('AccountControlService', () => {
  it('keeps a locked account from signing in, with the answer of a wrong password', async () => {
    const { control, account, logIn, events } = await setUp();
    await control.lock(account.id, OPERATOR);
    events.clear();
    await expect(logIn()).rejects.toMatchObject({
      status: 'UNAUTHENTICATED',
      reason: 'invalid_credentials',
    });
    expect(events.refusals).toEqual(['account_locked']);

    await control.unlock(account.email, OPERATOR);
    const { accessToken } = await logIn();
    expect(accessToken).toBeDefined();
  });

  it('locks again what is locked, and keeps the time of the first', async () => {
    const { control, account, accounts, clock } = await setUp();
    await control.lock(account.id, OPERATOR);
    const first = clock.now();
    clock.advance({ seconds: 60 });
    expect(await control.lock(account.id, OPERATOR)).toEqual({ id: account.id, endedSessions: 0 });
    expect((await accounts.findById(account.id))?.lockedAt).toEqual(first);
  });

  it('leaves nothing open when an account is locked while it signs in', async () => {
    const { control, account, logIn } = await setUp();
    for (let round = 0; round < 20; round += 1) {
      await Promise.allSettled([logIn(), control.lock(account.id, OPERATOR), logIn()]);
      const live = await database.db
        .selectFrom('sessions')
        .select('id')
        .where('account_id', '=', account.id)
        .where('ended_at', 'is', null)
        .execute();
      expect(live).toEqual([]);
      await control.unlock(account.id, OPERATOR);
      await expect(logIn()).resolves.toBeDefined();
    }
  });

  it('lets a deleted account sign in no more', async () => {
    const { control, account, logIn, accounts } = await setUp();
    await expect(logIn()).resolves.toBeDefined();
    await control.delete(account.id, OPERATOR);
    await expect(logIn()).rejects.toMatchObject({ reason: 'invalid_credentials' });
    expect(await accounts.findById(account.id)).toBeUndefined();
  });
});

describe('AccountControlService.setScopes', () => {
  it('finds no account that is not there', async () => {
    const { control, feed } = await setUp();
    await expect(control.setScopes(randomUUID(), ['keys:manage'], undefined)).rejects.toMatchObject(
      {
        reason: 'account_not_found',
      },
    );
    expect(feed.published).toEqual([]);
  });

  it('gives an account these scopes and no other, and ends what says otherwise', async () => {
    const { control, account, opened, sessions, logIn, verify, events } = await setUp();
    const scopes = ['keys:manage', 'orders:read'];
    await expect(control.setScopes(account.email, scopes, undefined)).resolves.toEqual({
      id: account.id,
      endedSessions: 2,
    });
    await expect(sessions.refresh(opened[0].refreshToken, ORIGIN)).rejects.toMatchObject({
      reason: 'invalid_grant',
    });
    const { accessToken } = await logIn();
    expect((await verify(accessToken)).scopes).toEqual(new Set(scopes));
    expect(events.all).toContainEqual(
      expect.objectContaining({ reason: 'account_scopes_set', target: account.id }),
    );
  });
});
