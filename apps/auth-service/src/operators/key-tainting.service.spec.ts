import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@sallyport/persistence';
import { openAuthDatabase, openSession, ORIGIN, replicaOf } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { KeyTaintingService } from './key-tainting.service';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

async function setUp() {
  const replica = await replicaOf(database);
  const { keys, ends, revocations, clock } = replica;
  const account = await replica.newAccount();
  return {
    ...replica,
    account,
    tainting: new KeyTaintingService(keys, ends, revocations, clock.now),
    open: () => openSession(replica, account),
    refresh: (token: string) => replica.sessions.refresh(token, ORIGIN),
    activeKid: async () => (await keys.active()).kid,
    /** Lets another key sign, in the ordinary way. */
    async rotate() {
      await keys.prepare();
      await keys.activate({ immediately: true });
    },
    liveSignedBy: async (kid: string) =>
      database.db
        .selectFrom('sessions')
        .select(['id', 'signing_keys'])
        .where('ended_at', 'is', null)
        .execute()
        .then((rows) => rows.filter(({ signing_keys }) => signing_keys.includes(kid))),
  };
}

describe('KeyTaintingService', () => {
  it('knows no key of another name, and ends nothing', async () => {
    const { tainting, open, refresh, feed } = await setUp();
    const { refreshToken } = await open();
    await expect(tainting.taint('no-such-key')).rejects.toMatchObject({
      status: 'NOT_FOUND',
      reason: 'signing_key_not_found',
    });
    expect(feed.published).toEqual([]);
    await expect(refresh(refreshToken)).resolves.toBeDefined();
  });

  it('ends every session the key has signed for, however long ago, and no other', async () => {
    const { tainting, open, refresh, rotate, activeKid, feed, clock, events } = await setUp();
    const leaked = await activeKid();
    const old = await open();
    await rotate();
    const refreshed = await refresh(old.refreshToken);
    const untouched = await open();

    const { tainted, active, endedSessions } = await tainting.taint(leaked);

    expect(tainted).toMatchObject({ kid: leaked, state: 'tainted' });
    expect(active.kid).toBe(await activeKid());
    expect(endedSessions).toBeGreaterThanOrEqual(1);
    await expect(refresh(refreshed.refreshToken)).rejects.toMatchObject({
      reason: 'invalid_grant',
    });
    await expect(refresh(untouched.refreshToken)).resolves.toBeDefined();
    expect(feed.published).toContainEqual({
      kind: 'signing_key',
      id: leaked,
      expiresAt: clock.epochSeconds + 30 * 24 * 60 * 60,
    });
    expect(feed.published.filter(({ kind }) => kind === 'session')).toHaveLength(endedSessions);
    expect(events.all).toContainEqual(
      expect.objectContaining({ reason: 'signing_key_tainted', target: leaked }),
    );
  });

  it('ends sessions of which it is not known what has signed for them', async () => {
    const { tainting, open, refresh, rotate, activeKid } = await setUp();
    const leaked = await activeKid();
    await rotate();
    const unknown = await open();
    await database.db.updateTable('sessions').set({ signing_keys: [] }).execute();
    await tainting.taint(leaked);
    await expect(refresh(unknown.refreshToken)).rejects.toMatchObject({ reason: 'invalid_grant' });
  });

  it('withdraws the key first, and ends what is left when it is told again', async () => {
    const { tainting, open, activeKid, keys, ends, liveSignedBy } = await setUp();
    const leaked = await activeKid();
    await open();
    const end = jest.spyOn(ends, 'someSignedBy').mockRejectedValueOnce(new Error('gone'));
    await expect(tainting.taint(leaked)).rejects.toThrow('gone');
    expect((await keys.list()).find(({ kid }) => kid === leaked)?.state).toBe('tainted');
    expect(await liveSignedBy(leaked)).toHaveLength(1);
    end.mockRestore();
    expect(await tainting.taint(leaked)).toMatchObject({ endedSessions: 1 });
    expect(await liveSignedBy(leaked)).toEqual([]);
  });

  it('is recorded while the feed is gone', async () => {
    const { tainting, activeKid, feed, revocationRows, open } = await setUp();
    await open();
    const leaked = await activeKid();
    feed.isPublishing = false;
    await tainting.taint(leaked);
    const due = await revocationRows.due(1000);
    expect(due.map(({ revocation }) => revocation)).toContainEqual(
      expect.objectContaining({ kind: 'signing_key', id: leaked }),
    );
  });

  it('leaves no session of a key that was looked up before it was tainted, and used after', async () => {
    const { keys, tainting, open, refresh, activeKid, liveSignedBy, verify } = await setUp();
    const leaked = await activeKid();
    const before = await open();
    const { result: issuing } = await keys.taint(leaked, async () => {
      // To everybody outside of this transaction the key is still the active one.
      const issued = Promise.allSettled([open(), refresh(before.refreshToken)]);
      await Promise.race([issued, delay(200)]);
      return { issued };
    });
    await tainting.taint(leaked);
    const [opened, refreshed] = await issuing.issued;
    expect(await liveSignedBy(leaked)).toEqual([]);
    // With another key, in a session that is none the less the leaked one's.
    expect(refreshed.status).toBe('fulfilled');
    expect(opened.status).toBe('fulfilled');
    if (opened.status === 'fulfilled') {
      await expect(verify(opened.value.accessToken)).resolves.toBeDefined();
    }
  });

  it('leaves no session of a key that signed while it was being tainted', async () => {
    const { tainting, open, refresh, activeKid, liveSignedBy, verify } = await setUp();
    for (let round = 0; round < 15; round += 1) {
      const leaked = await activeKid();
      const before = await Promise.all([open(), open(), open()]);
      const results = await Promise.allSettled([
        ...before.map(({ refreshToken }) => refresh(refreshToken)),
        open(),
        tainting.taint(leaked),
        open(),
      ]);
      expect(results.at(4)?.status).toBe('fulfilled');
      expect(await liveSignedBy(leaked)).toEqual([]);
      const { accessToken } = await open();
      await expect(verify(accessToken)).resolves.toBeDefined();
    }
  });
});
