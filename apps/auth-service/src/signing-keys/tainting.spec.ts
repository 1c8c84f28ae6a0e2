import type { Database } from '@sallyport/persistence';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { keysOf, outcomesOf, publishedKids, rowOf, WIPED_ROW } from './signing-keys.fixture';
import type { SigningKeysService } from './signing-keys.service';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(() => database.db.deleteFrom('signing_keys').execute());

afterAll(() => database.close());

/** A replica, and another one beside it on the same database. */
async function setUp() {
  const replica = keysOf(database);
  const { kid: first } = await replica.keys.ensureActive();
  return { ...replica, first, other: keysOf(database, { clock: replica.clock }) };
}

const nothing = (): Promise<void> => Promise.resolve();

async function activeKids(): Promise<readonly string[]> {
  const { db } = database;
  const active = db.selectFrom('signing_keys').select('kid').where('state', '=', 'active');
  return (await active.execute()).map(({ kid }) => kid);
}

describe('tainting a signing key', () => {
  it('is refused when there is no such key, and then does nothing else', async () => {
    const { keys, transitions } = await setUp();
    const also = jest.fn(nothing);
    await expect(keys.taint('nobody-s-key', also)).rejects.toMatchObject({
      ...{ status: 'NOT_FOUND', reason: 'signing_key_not_found' },
    });
    expect(also).not.toHaveBeenCalled();
    expect(transitions()).toEqual([]);
  });

  it('is undone when what has to happen as well does not', async () => {
    const { keys, first, transitions } = await setUp();
    await expect(
      keys.taint(first, async (transaction) => {
        await transaction.deleteFrom('signing_keys').execute();
        throw new Error('not to be');
      }),
    ).rejects.toThrow('not to be');
    expect((await keys.active()).kid).toBe(first);
    expect(await publishedKids(keys)).toEqual([first]);
    expect(transitions()).toEqual([]);
  });

  it('waits for tokens that are being issued under it, and lets none be issued meanwhile', async () => {
    const { keys, first } = await setUp();
    const issuing = (skipLocked: boolean) => {
      const key = database.db.selectFrom('signing_keys').select('kid').where('kid', '=', first);
      return skipLocked ? key.forKeyShare().skipLocked() : key.forKeyShare();
    };
    let issuable: readonly unknown[] | undefined;
    const also = jest.fn(async () => {
      issuable = await issuing(true).execute();
    });
    let tainting: Promise<unknown> | undefined;
    await database.db.transaction().execute(async (transaction) => {
      await transaction.executeQuery(issuing(false));
      tainting = keys.taint(first, also);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(also).not.toHaveBeenCalled();
    });
    await tainting;
    expect(also).toHaveBeenCalledTimes(1);
    expect(issuable).toEqual([]);
  });

  it('lets a new key sign when none is prepared', async () => {
    const { keys, first, clock, other, transitions } = await setUp();
    expect((await other.keys.active()).kid).toBe(first);
    clock.advance({ seconds: 5 });
    const seen: unknown[] = [];
    const outcome = await keys.taint(first, async (transaction, kid) => {
      const row = transaction.selectFrom('signing_keys').selectAll().where('kid', '=', kid);
      seen.push(await row.executeTakeFirst());
      return 'also done';
    });
    const { tainted, active, result } = outcome;
    expect(tainted).toMatchObject({ kid: first, state: 'tainted', taintedAt: clock.now() });
    expect(active).toMatchObject({ state: 'active', activatedAt: clock.now() });
    expect(result).toBe('also done');
    expect(seen).toEqual([expect.objectContaining({ kid: first, state: 'tainted' })]);
    expect(await rowOf(database, first)).toMatchObject({ ...WIPED_ROW, verifies_until: null });
    expect(await publishedKids(other.keys)).toEqual([active.kid]);
    expect((await other.keys.active()).kid).toBe(active.kid);
    expect(transitions()).toEqual([
      ['signing_key_tainted', first],
      ['signing_key_activated', active.kid],
    ]);
  });

  it('lets the prepared key sign, however short a time it has been published', async () => {
    const { keys, first, transitions } = await setUp();
    const { kid } = await keys.prepare();
    const { active } = await keys.taint(first, nothing);
    expect(active).toMatchObject({ kid, state: 'active' });
    expect((await keys.active()).kid).toBe(kid);
    expect(await publishedKids(keys)).toEqual([kid]);
    expect(transitions()).toEqual([
      ['signing_key_prepared', kid],
      ['signing_key_tainted', first],
      ['signing_key_activated', kid],
    ]);
  });

  it.each<[string, (keys: SigningKeysService, first: string) => Promise<string>]>([
    ['prepared', async (keys) => (await keys.prepare()).kid],
    [
      'retired',
      async (keys, first) => {
        await keys.prepare();
        await keys.activate({ immediately: true });
        return first;
      },
    ],
  ])('leaves the active key alone when the tainted one was %s', async (_state, keyOf) => {
    const { keys, first } = await setUp();
    const kid = await keyOf(keys, first);
    const { kid: signing } = await keys.active();
    const { tainted, active } = await keys.taint(kid, nothing);
    expect(tainted).toMatchObject({ kid, state: 'tainted', verifiesUntil: undefined });
    expect(active.kid).toBe(signing);
    expect(await publishedKids(keys)).toEqual([signing]);
    expect(await rowOf(database, kid)).toMatchObject(WIPED_ROW);
  });

  it('does again what has to happen as well, and nothing else', async () => {
    const { keys, first, clock, transitions } = await setUp();
    const once = await keys.taint(first, () => Promise.resolve(1));
    const done = transitions();
    clock.advance({ seconds: 60 });
    expect(await keys.taint(first, () => Promise.resolve(2))).toEqual({ ...once, result: 2 });
    expect(transitions()).toEqual(done);
  });

  it('replaces the key once when replicas do it at once', async () => {
    const { keys, other, first, transitions } = await setUp();
    const also = jest.fn(nothing);
    const replicas = [keys, other.keys, keys, other.keys];
    const outcomes = await Promise.all(replicas.map((each) => each.taint(first, also)));
    expect(new Set(outcomes.map(({ active }) => active.kid)).size).toBe(1);
    expect(also).toHaveBeenCalledTimes(4);
    expect([...transitions(), ...other.transitions()]).toEqual([
      ['signing_key_tainted', first],
      ['signing_key_activated', outcomes[0]?.active.kid],
    ]);
  });

  it('leaves one key that signs, whatever else replicas do at the time', async () => {
    const { keys, other, first } = await setUp();
    const { kid: prepared } = await keys.prepare();
    const work = outcomesOf<unknown>([
      keys.taint(first, nothing),
      other.keys.activate({ immediately: true }),
      other.keys.taint(prepared, nothing),
      keys.prepare(),
      other.keys.activate({ immediately: true }),
      keys.rotate(),
    ]);
    const watched = new Set<number>();
    const over = new AbortController();
    const watching = (async () => {
      while (!over.signal.aborted) watched.add((await activeKids()).length);
    })();
    const { refusals } = await work;
    over.abort();
    await watching;

    const possible = ['no_signing_key_prepared', 'signing_key_already_prepared'];
    expect(refusals.filter((reason) => !possible.includes(reason))).toEqual([]);
    expect([...watched]).toEqual([1]);
    const published = await publishedKids(keys);
    expect(published).not.toContain(first);
    expect(published).not.toContain(prepared);
    expect(await activeKids()).toEqual([(await keys.active()).kid]);
  });
});
