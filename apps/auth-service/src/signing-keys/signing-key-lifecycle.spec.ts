import { randomBytes } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { FileKeyEncryption } from './file.key-encryption';
import { insertKey, keysOf, outcomesOf, POLICY, publishedKids } from './signing-keys.fixture';
import { rowOf, WIPED_ROW } from './signing-keys.fixture';
import type { KeysOfReplica } from './signing-keys.fixture';

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

const NOW = { immediately: true };
const IN_TIME = { immediately: false };
const at = (replica: KeysOfReplica, seconds: number): Date =>
  new Date(replica.clock.now().getTime() + seconds * 1000);

describe('a signing key', () => {
  it.each<[string, string, string, (replica: KeysOfReplica, first: string) => Promise<unknown>]>([
    [
      'is not prepared beside another one',
      'FAILED_PRECONDITION',
      'signing_key_already_prepared',
      async ({ keys }) => {
        await keys.prepare();
        await keys.prepare();
      },
    ],
    [
      'is not activated when there is none',
      'FAILED_PRECONDITION',
      'no_signing_key_prepared',
      ({ keys }) => keys.activate(IN_TIME),
    ],
    [
      'is not activated when there is none, however urgent it is',
      'FAILED_PRECONDITION',
      'no_signing_key_prepared',
      ({ keys }) => keys.activate(NOW),
    ],
    [
      'is not activated before every verifier may know it',
      'FAILED_PRECONDITION',
      'signing_key_published_too_recently',
      async ({ keys, clock }) => {
        await keys.prepare();
        clock.advance({ seconds: POLICY.publishAheadSeconds - 1 });
        await keys.activate(IN_TIME);
      },
    ],
    [
      'is not retired while it signs',
      'FAILED_PRECONDITION',
      'signing_key_active',
      ({ keys }, first) => keys.retire(first),
    ],
    [
      'is not retired once it is tainted',
      'FAILED_PRECONDITION',
      'signing_key_tainted',
      async ({ keys, clock }) => {
        await keys.retire(await insertKey(database, 'tainted', { now: clock.now() }));
      },
    ],
    [
      'is not retired when it is unknown',
      'NOT_FOUND',
      'signing_key_not_found',
      ({ keys }) => keys.retire('nobody-s-key'),
    ],
  ])('%s', async (_name, status, reason, act) => {
    const replica = await setUp();
    await expect(act(replica, replica.first)).rejects.toMatchObject({ status, reason });
    expect((await replica.keys.active()).kid).toBe(replica.first);
    expect(replica.transitions().filter(([each]) => each !== 'signing_key_prepared')).toEqual([]);
  });

  it('is not activated by a replica that cannot open it', async () => {
    const { keys, first, clock, transitions } = await setUp();
    const stranger = keysOf(database, {
      clock,
      encryption: new FileKeyEncryption(randomBytes(32)),
    });
    await stranger.keys.prepare();
    await expect(keys.activate(NOW)).rejects.toMatchObject({ code: 'seal_broken' });
    expect((await keys.active()).kid).toBe(first);
    expect(transitions()).toEqual([]);
  });

  it('is prepared by one of the replicas that try at once', async () => {
    const { keys, other, first } = await setUp();
    const replicas = [keys, other.keys, keys, other.keys];
    const { succeeded, refusals } = await outcomesOf(replicas.map((each) => each.prepare()));
    expect(refusals).toEqual(Array(3).fill('signing_key_already_prepared'));
    expect(await publishedKids(keys)).toEqual([first, succeeded[0]?.kid].sort());
  });

  it('is activated by one of the replicas that try at once', async () => {
    const { keys, other, first, transitions } = await setUp();
    const { kid } = await keys.prepare();
    const replicas = [keys, other.keys, keys, other.keys];
    const { succeeded, refusals } = await outcomesOf(replicas.map((each) => each.activate(NOW)));
    expect(refusals).toEqual(Array(3).fill('no_signing_key_prepared'));
    expect(succeeded).toMatchObject([{ kid, state: 'active' }]);
    expect([...transitions(), ...other.transitions()].slice(1)).toEqual([
      ['signing_key_retired', first],
      ['signing_key_activated', kid],
    ]);
  });

  it('is either activated or retired, when both are asked for at once', async () => {
    const { keys, other, first } = await setUp();
    const { kid } = await keys.prepare();
    const { succeeded, refusals } = await outcomesOf([keys.activate(NOW), other.keys.retire(kid)]);
    expect(succeeded).toHaveLength(1);
    const activated = succeeded[0]?.state === 'active';
    expect(refusals).toEqual([activated ? 'signing_key_active' : 'no_signing_key_prepared']);
    expect((await keys.active()).kid).toBe(activated ? kid : first);
  });

  it('is published from its preparation until its last token has expired, and then forgotten', async () => {
    const replica = await setUp();
    const { keys, clock, first, other, transitions } = replica;

    const prepared = await keys.prepare();
    const { kid } = prepared;
    expect(prepared).toMatchObject({ state: 'prepared', createdAt: clock.now() });
    expect(await publishedKids(other.keys)).toEqual([first, kid].sort());
    expect((await other.keys.active()).kid).toBe(first);

    clock.advance({ seconds: POLICY.publishAheadSeconds });
    expect(await keys.activate(IN_TIME)).toMatchObject({
      ...{ kid, state: 'active', activatedAt: clock.now(), retiredAt: undefined },
    });
    expect((await keys.active()).kid).toBe(kid);
    const verifiesUntil = at(replica, POLICY.verifiesAfterRetirementSeconds);
    expect((await keys.list()).find((key) => key.kid === first)).toMatchObject({
      ...{ state: 'retired', retiredAt: clock.now(), verifiesUntil },
    });
    expect(await rowOf(database, first)).toMatchObject(WIPED_ROW);

    clock.advance({ seconds: POLICY.verifiesAfterRetirementSeconds - 1 });
    await keys.rotate();
    expect(await publishedKids(other.keys)).toEqual(expect.arrayContaining([first, kid]));
    clock.advance({ seconds: 1 });
    expect(await publishedKids(other.keys)).not.toContain(first);
    expect(await publishedKids(other.keys)).toContain(kid);
    await Promise.all([keys.rotate(), other.keys.rotate()]);
    expect((await keys.list()).map(({ state }) => state)).toEqual(['prepared', 'active']);
    expect(transitions().slice(0, 3)).toEqual([
      ['signing_key_prepared', kid],
      ['signing_key_retired', first],
      ['signing_key_activated', kid],
    ]);
  });

  it('signs at every replica from the next token on', async () => {
    const { keys, other, first } = await setUp();
    expect((await other.keys.active()).kid).toBe(first);
    const { kid } = await keys.prepare();
    await keys.activate(NOW);
    const [here, there] = [await keys.active(), await other.keys.active()];
    expect([here.kid, there.kid]).toEqual([kid, kid]);
    expect(here.privateKey.equals(there.privateKey)).toBe(true);
  });

  it('is activated without waiting for tokens that are being issued', async () => {
    const { keys, first } = await setUp();
    const { kid } = await keys.prepare();
    await database.db.transaction().execute(async (issuing) => {
      await issuing
        .selectFrom('signing_keys')
        .select('kid')
        .where('kid', '=', first)
        .forKeyShare()
        .execute();
      expect((await keys.activate(NOW)).kid).toBe(kid);
    });
  });

  it('is withdrawn before it has signed, and stays so', async () => {
    const { keys, clock, first, transitions } = await setUp();
    const { kid } = await keys.prepare();
    const retired = await keys.retire(kid);
    const ended = { state: 'retired', retiredAt: clock.now(), verifiesUntil: clock.now() };
    expect(retired).toMatchObject({ ...ended, activatedAt: undefined });
    expect(await rowOf(database, kid)).toMatchObject(WIPED_ROW);
    expect(await publishedKids(keys)).toEqual([first]);

    clock.advance({ seconds: 1 });
    expect(await keys.retire(kid)).toEqual(retired);
    expect(transitions()).toEqual([
      ['signing_key_prepared', kid],
      ['signing_key_retired', kid],
    ]);
    await keys.prepare();
    expect(await publishedKids(keys)).toHaveLength(2);
  });
});
