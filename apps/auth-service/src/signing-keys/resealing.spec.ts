import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@sallyport/persistence';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { FileKeyEncryption } from './file.key-encryption';
import type { KeyEncryption } from './key-encryption';
import { keysOf, rowOf } from './signing-keys.fixture';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(() => database.db.deleteFrom('signing_keys').execute());

afterAll(() => database.close());

const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
const ring = (...keys: readonly Buffer[]) => new FileKeyEncryption(keys);

/** An active and a prepared key, sealed under the old key-encryption key. */
async function setUp() {
  const { keys } = keysOf(database, { encryption: ring(oldKey) });
  const { kid: active } = await keys.ensureActive();
  const { kid: prepared } = await keys.prepare();
  return { active, prepared };
}

describe('resealing', () => {
  it('is refused, and changes nothing, when a key cannot be opened', async () => {
    const { active } = await setUp();
    const before = await rowOf(database, active);
    const { keys } = keysOf(database, { encryption: ring(newKey) });
    await expect(keys.reseal()).rejects.toMatchObject({ code: 'seal_broken' });
    expect(await rowOf(database, active)).toEqual(before);
  });

  it('has nothing to do when every key is sealed under the current one', async () => {
    const { active } = await setUp();
    const before = await rowOf(database, active);
    expect(await keysOf(database, { encryption: ring(oldKey, newKey) }).keys.reseal()).toBe(0);
    expect(await rowOf(database, active)).toEqual(before);
  });

  it('is done once when replicas do it at once', async () => {
    await setUp();
    const replicas = [1, 2, 3].map(() => keysOf(database, { encryption: ring(newKey, oldKey) }));
    const counts = await Promise.all(replicas.map(({ keys }) => keys.reseal()));
    expect(counts.reduce((sum, count) => sum + count)).toBe(2);
    const after = keysOf(database, { encryption: ring(newKey) });
    await expect(after.keys.active()).resolves.toBeDefined();
  });

  it('does not bring back what is wiped meanwhile', async () => {
    const { active, prepared } = await setUp();
    const both = ring(newKey, oldKey);
    const other = keysOf(database, { encryption: both });
    const slow: KeyEncryption = {
      currentKeyId: () => both.currentKeyId(),
      derive: (purpose) => both.derive(purpose),
      open: (sealed, context) => both.open(sealed, context),
      async seal(secret, context) {
        if (context.includes(active)) await other.keys.activate({ immediately: true });
        return both.seal(secret, context);
      },
    };
    expect(await keysOf(database, { encryption: slow }).keys.reseal()).toBe(1);
    expect(await rowOf(database, active)).toMatchObject({
      ...{ state: 'retired', sealed_private_key: null },
    });
    const after = keysOf(database, { encryption: ring(newKey) });
    expect((await after.keys.active()).kid).toBe(prepared);
  });

  it('replaces the key-encryption key while signing goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'resealing-'));
    const path = join(folder, 'key');
    const write = (...keys: readonly Buffer[]) => {
      writeFileSync(path, keys.map((key) => `${key.toString('base64')}\n`).join(''));
    };
    try {
      const { active, prepared } = await setUp();
      write(oldKey);
      const running = keysOf(database, { encryption: FileKeyEncryption.fromFile(path) });
      const signing = async (): Promise<string> => (await running.keys.active()).kid;
      expect(await signing()).toBe(active);
      write(oldKey, newKey);
      write(newKey, oldKey);
      expect(await signing()).toBe(active);
      expect(await running.keys.reseal()).toBe(2);
      expect(await signing()).toBe(active);
      write(newKey);
      await running.keys.activate({ immediately: true });
      expect(await signing()).toBe(prepared);

      const started = keysOf(database, { encryption: FileKeyEncryption.fromFile(path) });
      const key = await started.keys.ensureActive();
      expect(key.kid).toBe(prepared);
      expect(key.privateKey.equals((await running.keys.active()).privateKey)).toBe(true);
      const { sealing_key_id } = (await rowOf(database, prepared)) ?? {};
      expect(sealing_key_id).toBe(await ring(newKey).currentKeyId());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
