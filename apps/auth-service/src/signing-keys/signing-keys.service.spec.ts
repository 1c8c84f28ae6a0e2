import { randomBytes, randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { FakeClock } from '@sallyport/testing';
import { calculateJwkThumbprint } from 'jose';
import { KEY_ENCRYPTION_KEY, openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { FileKeyEncryption } from './file.key-encryption';
import { encodePrivateKey } from './signing-key';
import { SigningKeysRepository } from './signing-keys.repository';
import { SigningKeysService } from './signing-keys.service';

let database: Database<AuthTables>;
const clock = new FakeClock();

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(() => database.db.deleteFrom('signing_keys').execute());

afterAll(() => database.close());

function service(key = KEY_ENCRYPTION_KEY): SigningKeysService {
  const repository = new SigningKeysRepository(database);
  return new SigningKeysService(repository, new FileKeyEncryption(key), clock.now);
}

/** A row of a key that is never asked to sign. */
async function insertKey(
  state: 'prepared' | 'active' | 'retired',
  verifiesUntil: Date | null = null,
): Promise<string> {
  const kid = randomUUID();
  await database.db
    .insertInto('signing_keys')
    .values({
      kid,
      state,
      public_jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid, alg: 'RS256', use: 'sig' },
      sealed_private_key: Buffer.from('sealed'),
      sealing_key_id: 'none',
      sealing_algorithm: 'none',
      created_at: clock.now(),
      verifies_until: verifiesUntil,
    })
    .execute();
  return kid;
}

describe('SigningKeysService', () => {
  it('signs with nothing while there is no active key', async () => {
    await insertKey('prepared');
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
    await expect(insertKey('active')).rejects.toMatchObject({
      constraint: 'one_active_signing_key',
    });
  });

  it('stores no private key in clear', async () => {
    const { privateKey } = await service().ensureActive();
    const row = await database.db.selectFrom('signing_keys').selectAll().executeTakeFirstOrThrow();
    const encoded = encodePrivateKey(privateKey);
    expect(row.sealed_private_key.includes(encoded.subarray(40, 80))).toBe(false);
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
      .set({ state: 'retired', verifies_until: clock.now() })
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
    const prepared = await insertKey('prepared');
    const retired = await insertKey('retired', new Date(clock.now().getTime() + 1));
    await insertKey('retired', clock.now());
    const kids = (await service().published()).map(({ kid }) => kid);
    expect(kids.sort()).toEqual([active, prepared, retired].sort());
  });
});
