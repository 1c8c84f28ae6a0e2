import { randomBytes, randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { FakeClock } from '@sallyport/testing';
import { calculateJwkThumbprint } from 'jose';
import { KEY_ENCRYPTION_KEY, openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { FileKeyEncryption } from './file.key-encryption';
import { encodePrivateKey } from './signing-key';
import type { SigningKeyState } from './signing-key-record';
import { insertKey, keysOf, publishedKids, WIPED_ROW } from './signing-keys.fixture';
import type { SigningKeysService } from './signing-keys.service';

let database: Database<AuthTables>;
const clock = new FakeClock();

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(() => database.db.deleteFrom('signing_keys').execute());

afterAll(() => database.close());

function service(key = KEY_ENCRYPTION_KEY): SigningKeysService {
  return keysOf(database, { clock, encryption: new FileKeyEncryption(key) }).keys;
}

const insert = (state: SigningKeyState, verifiesUntil = clock.now()): Promise<string> =>
  insertKey(database, state, { now: clock.now(), verifiesUntil });

describe('SigningKeysService', () => {
  it('signs with nothing while there is no active key', async () => {
    await insert('prepared');
    await expect(service().active()).rejects.toThrow('no active signing key');
  });

  it('does not start on a key it cannot open, and leaves that key as it is', async () => {
    const { kid } = await service().ensureActive();
    await expect(service(randomBytes(32)).ensureActive()).rejects.toMatchObject({
      code: 'seal_broken',
    });
    expect((await service().published()).map((key) => key.kid)).toEqual([kid]);
  });

  it('does not open the private key of one row as that of another', async () => {
    const { kid } = await service().ensureActive();
    await database.db
      .updateTable('signing_keys')
      .set({ kid: randomUUID() })
      .where('kid', '=', kid)
      .execute();
    await expect(service().active()).rejects.toMatchObject({ code: 'seal_broken' });
  });

  it('cannot store a second active key', async () => {
    await service().ensureActive();
    await expect(insert('active')).rejects.toMatchObject({
      constraint: 'one_active_signing_key',
    });
  });

  it('stores no private key in clear', async () => {
    const { privateKey } = await service().ensureActive();
    const row = await database.db.selectFrom('signing_keys').selectAll().executeTakeFirstOrThrow();
    const encoded = encodePrivateKey(privateKey);
    expect(row.sealed_private_key?.includes(encoded.subarray(40, 80))).toBe(false);
    expect(JSON.stringify(row.public_jwk)).not.toMatch(/"(d|p|q|dp|dq|qi)"/);
  });

  it('lets replicas that start together agree on one key', async () => {
    const keys = await Promise.all([1, 2, 3].map(() => service().ensureActive()));
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1);
    expect(await service().published()).toHaveLength(1);
  });

  it('keeps the active key over restarts', async () => {
    const { kid } = await service().ensureActive();
    const again = await service().ensureActive();
    expect(again.kid).toBe(kid);
  });

  it('follows a change of the active key at once', async () => {
    const replica = service();
    const { kid } = await replica.ensureActive();
    await database.db
      .updateTable('signing_keys')
      .set({ state: 'retired', verifies_until: clock.now(), ...WIPED_ROW })
      .where('kid', '=', kid)
      .execute();
    const { kid: newKid } = await service().ensureActive();
    expect(newKid).not.toBe(kid);
    expect((await replica.active()).kid).toBe(newKid);
  });

  it('names a key by its RFC 7638 thumbprint and publishes its public members alone', async () => {
    const { kid } = await service().ensureActive();
    const [published, ...more] = await service().published();
    expect(more).toEqual([]);
    expect(published).toEqual({
      kty: 'RSA',
      n: expect.stringMatching(/^[\w-]{342}$/) as string,
      e: 'AQAB',
      kid,
      alg: 'RS256',
      use: 'sig',
    });
    expect(kid).toBe(await calculateJwkThumbprint({ ...published }, 'sha256'));
  });

  it('publishes keys that will sign and those whose tokens live on, not those that are over', async () => {
    const { kid: active } = await service().ensureActive();
    const prepared = await insert('prepared');
    const retired = await insert('retired', new Date(clock.now().getTime() + 1));
    await insert('retired', clock.now());
    await insert('tainted');
    expect(await publishedKids(service())).toEqual([active, prepared, retired].sort());
  });

  it('lists every key, the newest first, with nothing of the private one', async () => {
    const { kid: active } = await service().ensureActive();
    clock.advance({ seconds: 1 });
    const tainted = await insert('tainted');
    const listed = await service().list();
    expect(listed).toEqual([
      {
        kid: tainted,
        state: 'tainted',
        createdAt: clock.now(),
        activatedAt: undefined,
        retiredAt: undefined,
        verifiesUntil: undefined,
        taintedAt: clock.now(),
      },
      expect.objectContaining({ kid: active, state: 'active', taintedAt: undefined }),
    ]);
  });
});
