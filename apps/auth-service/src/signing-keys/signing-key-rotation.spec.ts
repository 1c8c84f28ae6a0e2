import { RepeatedPasses } from '@sallyport/nest-zero-trust';
import { createLogger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { SigningKeyRotation } from './signing-key-rotation';
import { keysOf, POLICY, publishedKids } from './signing-keys.fixture';
import type { KeysOfReplica } from './signing-keys.fixture';
import type { SigningKeysService } from './signing-keys.service';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(() => database.db.deleteFrom('signing_keys').execute());

afterAll(() => database.close());

function rotationOf(keys: SigningKeysService): { rotation: RepeatedPasses; lines: string[] } {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'auth-service',
    level: 'info',
    destination: { write: (line) => lines.push(line) },
  });
  return { rotation: new RepeatedPasses(new SigningKeyRotation(keys), logger), lines };
}

/** Two replicas, each with a pass of its own. */
async function setUp() {
  const replica = keysOf(database);
  const { kid: first } = await replica.keys.ensureActive();
  const other = keysOf(database, { clock: replica.clock });
  const [here, there] = [rotationOf(replica.keys), rotationOf(other.keys)];
  const pass = async (): Promise<void> => {
    await Promise.all([here.rotation.pass(), there.rotation.pass(), here.rotation.pass()]);
    expect([...here.lines, ...there.lines]).toEqual([]);
  };
  return { ...replica, other, first, pass };
}

const transitionsOf = (...replicas: readonly KeysOfReplica[]): readonly unknown[] =>
  replicas.flatMap((replica) => replica.transitions());

describe('SigningKeyRotation', () => {
  it('leaves a line in the log when it cannot, and does not reject', async () => {
    const { keys } = keysOf(database);
    const broken = Object.assign(Object.create(keys) as typeof keys, {
      rotate: () => Promise.reject(new Error('gone')),
    });
    const { rotation, lines } = rotationOf(broken);
    await expect(rotation.pass()).resolves.toBeUndefined();
    expect(lines.join()).toContain('"event":"signing_key_rotation_failed"');
  });

  it('does not activate before its time what an operator has prepared', async () => {
    const { keys, clock, first, pass } = await setUp();
    const { kid } = await keys.prepare();
    clock.advance({ seconds: POLICY.lifetimeSeconds - 1 });
    await pass();
    expect((await keys.active()).kid).toBe(first);
    clock.advance({ seconds: 1 });
    await pass();
    expect((await keys.active()).kid).toBe(kid);
  });

  it('has the next key prepared always, activates it in time, and forgets the one before', async () => {
    const world = await setUp();
    const { keys, clock, first, other, pass } = world;
    await pass();
    const [next] = (await publishedKids(keys)).filter((kid) => kid !== first);
    expect(transitionsOf(world, other)).toEqual([['signing_key_prepared', next]]);

    clock.advance({ seconds: POLICY.lifetimeSeconds - 1 });
    await pass();
    expect((await keys.active()).kid).toBe(first);

    clock.advance({ seconds: 1 });
    await pass();
    expect((await other.keys.active()).kid).toBe(next);
    await pass();
    const [third] = (await publishedKids(keys)).filter((kid) => kid !== first && kid !== next);
    expect(third).toBeDefined();
    expect(transitionsOf(world, other)).toHaveLength(4);

    clock.advance({ seconds: POLICY.verifiesAfterRetirementSeconds });
    await pass();
    expect((await keys.list()).map(({ kid }) => kid).sort()).toEqual([next, third].sort());
    expect(transitionsOf(world, other)).toHaveLength(4);
  });

  it('does not let a late key sign before every verifier knows it', async () => {
    const { keys, clock, first, pass } = await setUp();
    clock.advance({ seconds: POLICY.lifetimeSeconds * 2 });
    await pass();
    clock.advance({ seconds: POLICY.publishAheadSeconds - 1 });
    await pass();
    expect((await keys.active()).kid).toBe(first);
    clock.advance({ seconds: 1 });
    await pass();
    expect((await keys.active()).kid).not.toBe(first);
  });

  it('remembers keys that were tainted', async () => {
    const { keys, clock, first, pass } = await setUp();
    await keys.taint(first, () => Promise.resolve());
    clock.advance({ seconds: POLICY.lifetimeSeconds / 2 });
    await pass();
    expect((await keys.list()).map(({ state }) => state).sort()).toEqual([
      'active',
      'prepared',
      'tainted',
    ]);
  });

  it('goes on from pass to pass, and ends with the one that is under way', async () => {
    jest.useFakeTimers();
    try {
      const { keys } = keysOf(database);
      let passes = 0;
      const counting = Object.assign(Object.create(keys) as typeof keys, {
        rotate: () => {
          passes += 1;
          return Promise.resolve();
        },
      });
      const { rotation } = rotationOf(counting);
      rotation.onApplicationBootstrap();
      await jest.advanceTimersByTimeAsync(60_000);
      expect(passes).toBe(2);
      await rotation.onModuleDestroy();
      await jest.advanceTimersByTimeAsync(60_000);
      expect(passes).toBe(2);
    } finally {
      jest.useRealTimers();
    }
  });
});
