import { randomBytes } from 'node:crypto';
import { mintApiKey, mintSecret, type PresentedApiKey } from '@sallyport/api-keys';
import type { Database } from '@sallyport/persistence';
import { CLIENT_ADDRESS, openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import type { IssuedApiKey } from './api-key';
import { apiKeysOf, presented, type ApiKeysReplica } from './api-keys.fixture';
import { ApiKeyResolutionService } from './api-key-resolution.service';

const MINUTE = 60;

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

async function setUp() {
  const replica = await apiKeysOf(database);
  const owner = await replica.signIn();
  const expiresAt = new Date(replica.clock.now().getTime() + 60 * MINUTE * 1000);
  const issued = await replica.newKey(owner, { expiresAt });
  const resolve = (key: PresentedApiKey) => replica.resolution.resolve(key, CLIENT_ADDRESS);
  const lastUsed = async () => (await replica.own.list(owner))[0]?.current.lastUsedAt;
  replica.events.clear();
  return { ...replica, owner, issued, expiresAt, resolve, lastUsed };
}

type World = Awaited<ReturnType<typeof setUp>>;
const rotate = ({ issuance, owner, issued }: World, overlapSeconds: number) =>
  issuance.rotate(owner, { id: issued.apiKey.id, overlapSeconds }, CLIENT_ADDRESS);

/** What befalls a key, or what is presented in its place. */
type Breaking = (world: World, key: PresentedApiKey) => unknown;

function isPresented(done: unknown): done is PresentedApiKey {
  return typeof done === 'object' && done !== null && 'secretHash' in done;
}

describe('refuses', () => {
  it.each<[string, string, Breaking]>([
    ['an unknown key', 'api_key_unknown', () => mintApiKey()],
    [
      'a key id in other letters',
      'api_key_unknown',
      (_, { id, secretHash }) => ({
        id: id.replace(/[a-z]/i, (letter) =>
          letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
        ),
        secretHash,
      }),
    ],
    ['an id that could be none', 'api_key_unknown', (_, key) => ({ ...key, id: '\u0000' })],
    ['another secret', 'api_key_secret_wrong', (_, { id }) => mintSecret(id)],
    [
      'the secret of another key',
      'api_key_secret_wrong',
      async ({ newKey, owner }, { id }) => ({ ...presented(await newKey(owner)), id }),
    ],
    [
      'a hash that is too short',
      'api_key_secret_wrong',
      (_, { id, secretHash }) => ({ id, secretHash: secretHash.subarray(0, 31) }),
    ],
    ['no hash', 'api_key_secret_wrong', (_, { id }) => ({ id, secretHash: Buffer.alloc(0) })],
    [
      'a hash that is too long',
      'api_key_secret_wrong',
      (_, { id, secretHash }) => ({
        id,
        secretHash: Buffer.concat([secretHash, randomBytes(1)]),
      }),
    ],
    [
      'a key that has expired',
      'api_key_expired',
      ({ clock }) => clock.advance({ seconds: 60 * MINUTE }),
    ],
    [
      'a revoked key',
      'api_key_revoked',
      ({ own, owner }, { id }) => own.revoke(owner, id, CLIENT_ADDRESS),
    ],
    [
      'a superseded secret',
      'api_key_superseded',
      async (world) => {
        await rotate(world, MINUTE);
        world.clock.advance({ seconds: MINUTE });
      },
    ],
    [
      'a key whose account is locked',
      'account_locked',
      ({ control, owner }) => control.lock(owner.id, undefined),
    ],
    [
      'a key whose account is gone',
      'api_key_unknown',
      ({ control, owner }) => control.delete(owner.id, undefined),
    ],
  ])('%s', async (_, reason, breaking) => {
    const world = await setUp();
    const { issued, resolve, events } = world;
    const key = presented(issued);
    await expect(resolve(key)).resolves.toBeDefined();
    const done = await breaking(world, key);
    const broken = isPresented(done) ? done : key;
    events.clear();
    await expect(resolve(broken)).rejects.toMatchObject({
      status: 'UNAUTHENTICATED',
      reason: 'invalid_api_key',
      detail: reason,
    });
    expect(events.all).toMatchObject([
      {
        type: 'api_key',
        outcome: 'refused',
        reason,
        apiKeyId: broken.id,
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
  });
});

describe('resolves', () => {
  it('a key to its account, its scopes and its end', async () => {
    const { issued, resolve, owner, expiresAt, events } = await setUp();
    expect(await resolve(presented(issued))).toEqual({
      accountId: owner.id,
      scopes: ['orders:read', 'billing:read'],
      validUntil: expiresAt,
      requestsPerMinute: undefined,
    });
    expect(events.all).toEqual([]);
  });

  it('a key to those of its scopes alone that its account holds now', async () => {
    const { issued, resolve, owner } = await setUp();
    await database.db
      .updateTable('accounts')
      .set({ scopes: ['orders:write', 'orders:read', 'accounts:manage'] })
      .where('id', '=', owner.id)
      .execute();
    expect((await resolve(presented(issued))).scopes).toEqual(['orders:read']);
  });

  it('a key with the limit that an operator gave it', async () => {
    const { issued, resolve, keyControl } = await setUp();
    await keyControl.limit(issued.apiKey.id, 6_000, undefined);
    expect((await resolve(presented(issued))).requestsPerMinute).toBe(6_000);
  });

  it('a key again once its account is unlocked, without a revocation of the key', async () => {
    const { issued, resolve, owner, control, feed } = await setUp();
    await control.lock(owner.id, undefined);
    await expect(resolve(presented(issued))).rejects.toMatchObject({ detail: 'account_locked' });
    // Gateways go by it to ask again.
    expect(feed.published.map(({ kind, id }) => [kind, id])).toEqual([
      ['session', owner.sessionId],
      ['subject', owner.id],
    ]);
    await control.unlock(owner.id, undefined);
    await expect(resolve(presented(issued))).resolves.toBeDefined();
  });

  it('a key whose account has no session any more', async () => {
    const { issued, resolve, owner, ownSessions } = await setUp();
    await ownSessions.endAll(owner, CLIENT_ADDRESS);
    await expect(resolve(presented(issued))).resolves.toBeDefined();
  });
});

describe('notes the use', () => {
  /** The writes come behind the answers. */
  async function settledUse(lastUsed: World['lastUsed'], expected: Date) {
    for (let look = 0; look < 100; look += 1) {
      if ((await lastUsed())?.getTime() === expected.getTime()) return;
    }
    expect(await lastUsed()).toEqual(expected);
  }

  function countingWrites({ presentedKeys, clock, events }: ApiKeysReplica) {
    const writes: Promise<void>[] = [];
    const counting = Object.assign(Object.create(presentedKeys) as typeof presentedKeys, {
      markUsed: (key: PresentedApiKey, now: Date) => {
        const write = presentedKeys.markUsed(key, now);
        writes.push(write);
        return write;
      },
    });
    const logger = { warn: () => undefined } as never;
    const service = new ApiKeyResolutionService(counting, clock.now, logger, events);
    const use = (issued: IssuedApiKey) => service.resolve(presented(issued), undefined);
    return { use, writes };
  }

  it('once in five minutes', async () => {
    const world = await setUp();
    const { issued, clock, lastUsed } = world;
    const { use, writes } = countingWrites(world);
    expect(await lastUsed()).toBeUndefined();
    const first = clock.now();
    await use(issued);
    await settledUse(lastUsed, first);
    clock.advance({ seconds: 5 * MINUTE - 1 });
    await use(issued);
    expect(writes).toHaveLength(1);
    expect(await lastUsed()).toEqual(first);
    clock.advance({ seconds: 1 });
    await use(issued);
    await settledUse(lastUsed, clock.now());
    expect(writes).toHaveLength(2);
  });

  it('of each secret by itself', async () => {
    const world = await setUp();
    const { issued, clock, own, owner, resolve, lastUsed } = world;
    const second = await rotate(world, 60 * MINUTE);
    const first = clock.now();
    await resolve(presented(second));
    await settledUse(lastUsed, first);
    expect((await own.list(owner))[0]?.previous?.lastUsedAt).toBeUndefined();
    clock.advance({ seconds: 1 });
    await resolve(presented(issued));
    await settledUse(async () => (await own.list(owner))[0]?.previous?.lastUsedAt, clock.now());
    expect(await lastUsed()).toEqual(first);
  });

  it('and answers all the same when that fails', async () => {
    const { issued, presentedKeys, clock, events } = await setUp();
    const lines: unknown[] = [];
    const broken = Object.assign(Object.create(presentedKeys) as typeof presentedKeys, {
      markUsed: () => Promise.reject(new Error('gone')),
    });
    const logger = { warn: (line: unknown) => lines.push(line) } as never;
    const service = new ApiKeyResolutionService(broken, clock.now, logger, events);
    await expect(service.resolve(presented(issued), undefined)).resolves.toBeDefined();
    expect(lines).toMatchObject([
      { event: 'api_key_use_not_noted', apiKeyId: issued.apiKey.id, error: { message: 'gone' } },
    ]);
  });
});
