import { randomUUID } from 'node:crypto';
import { mintApiKey, mintSecret, rotationNoticeId } from '@sallyport/api-keys';
import { RepeatedPasses } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import { createPrincipal } from '@sallyport/principal';
import { CLIENT_ADDRESS, openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { ApiKeyPruning } from './api-key-pruning';
import { apiKeysOf, presented } from './api-keys.fixture';

const DAY = 24 * 60 * 60;
const OPERATOR = randomUUID();

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

async function setUp() {
  const replica = await apiKeysOf(database);
  const owner = await replica.signIn();
  const bystander = await replica.newKey(await replica.signIn());
  const issued = await replica.newKey(owner);
  const works = (key: { presentedKey: string }): Promise<boolean> =>
    replica.resolution.resolve(presented(key), undefined).then(
      () => true,
      () => false,
    );
  replica.events.clear();
  return { ...replica, owner, bystander, issued, works };
}

describe('OwnApiKeysService.revoke', () => {
  it('finds neither an unknown key, nor one of somebody else, nor one that has ended', async () => {
    const { own, owner, bystander, issued, works, feed } = await setUp();
    const revoke = (id: string) => own.revoke(owner, id, CLIENT_ADDRESS);
    const notFound = { status: 'NOT_FOUND', reason: 'api_key_not_found' };
    for (const id of ['', 'unknown', '\u0000', bystander.apiKey.id]) {
      await expect(revoke(id)).rejects.toMatchObject(notFound);
    }
    expect(feed.published).toEqual([]);
    expect(await works(bystander)).toBe(true);
    await revoke(issued.apiKey.id);
    await expect(revoke(issued.apiKey.id)).rejects.toMatchObject(notFound);
    expect(feed.published).toHaveLength(1);
  });

  it('finds no key for who is no user of this service', async () => {
    const { own, owner, issued } = await setUp();
    for (const broken of [{ type: 'client' }, { id: 'somebody' }] as const) {
      const principal = createPrincipal({ ...owner, ...broken });
      await expect(own.revoke(principal, issued.apiKey.id, undefined)).rejects.toMatchObject({
        reason: 'api_key_not_found',
      });
      expect(await own.revokeAll(principal, undefined)).toBe(0);
      expect(await own.list(principal)).toEqual([]);
    }
  });

  it('does nothing while the gateways cannot be told', async () => {
    const { own, owner, issued, works, feed } = await setUp();
    feed.isPublishing = false;
    const unavailable = { status: 'UNAVAILABLE', reason: 'dependency_unavailable' };
    await expect(own.revoke(owner, issued.apiKey.id, undefined)).rejects.toMatchObject(unavailable);
    await expect(own.revokeAll(owner, undefined)).rejects.toMatchObject(unavailable);
    expect(await works(issued)).toBe(true);
  });

  it('ends a key, records that once however often it is asked to, and leaves an event', async () => {
    const { own, owner, issued, works, feed, clock, events, bystander } = await setUp();
    const { id } = issued.apiKey;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => own.revoke(owner, id, CLIENT_ADDRESS)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(feed.published).toEqual([{ kind: 'api_key', id, expiresAt: clock.epochSeconds + DAY }]);
    expect(events.all).toEqual([
      {
        type: 'api_key',
        outcome: 'succeeded',
        reason: 'api_key_revoked',
        principal: owner.id,
        apiKeyId: id,
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
    expect([await works(issued), await works(bystander)]).toEqual([false, true]);
  });
});

describe('all keys of an account end', () => {
  it.each<[string, (world: Awaited<ReturnType<typeof setUp>>) => Promise<unknown>, unknown]>([
    ['by their owner', ({ own, owner }) => own.revokeAll(owner, undefined), 2],
    [
      'by an operator',
      async ({ keyControl, owner, accounts }) => {
        const account = await accounts.findById(owner.id);
        return (await keyControl.revokeAll(account?.email ?? '', OPERATOR)).revokedKeys;
      },
      2,
    ],
    [
      'with the account',
      async ({ control, owner }) => (await control.delete(owner.id, OPERATOR)).endedSessions,
      1,
    ],
  ])('%s, and those of nobody else', async (_, end, result) => {
    const world = await setUp();
    const { owner, issued, newKey, works, bystander, feed } = world;
    const other = await newKey(owner);
    expect(await end(world)).toBe(result);
    const ofKeys = feed.published.filter(({ kind }) => kind === 'api_key').map(({ id }) => id);
    expect(ofKeys.sort()).toEqual([issued.apiKey.id, other.apiKey.id].sort());
    expect([await works(issued), await works(other), await works(bystander)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('by an operator also while the feed is gone: it is recorded', async () => {
    const { keyControl, owner, works, issued, feed, revocationRows } = await setUp();
    feed.isPublishing = false;
    await keyControl.revokeAll(owner.id, OPERATOR);
    const due = await revocationRows.due(1000);
    expect(due.map(({ revocation }) => revocation.id)).toContain(issued.apiKey.id);
    expect(await works(issued)).toBe(false);
  });
});

describe('ApiKeyControlService', () => {
  it('finds no account and no key that is not there', async () => {
    const { keyControl, issued, works } = await setUp();
    const account = { status: 'NOT_FOUND', reason: 'account_not_found' };
    await expect(keyControl.revokeAll(randomUUID(), OPERATOR)).rejects.toMatchObject(account);
    await expect(keyControl.list('nobody@example.com')).rejects.toMatchObject(account);
    const key = { status: 'NOT_FOUND', reason: 'api_key_not_found' };
    await expect(keyControl.revoke('\u0000', OPERATOR)).rejects.toMatchObject(key);
    await expect(keyControl.limit('\u0000', 1, OPERATOR)).rejects.toMatchObject(key);
    expect(await works(issued)).toBe(true);
  });

  it('ends one key, names the operator in the event, and limits it no more', async () => {
    const { keyControl, issued, works, events } = await setUp();
    const { id } = issued.apiKey;
    await keyControl.limit(id, 10, OPERATOR);
    await keyControl.limit(id, undefined, OPERATOR);
    await keyControl.revoke(id, OPERATOR);
    const about = { type: 'api_key', outcome: 'succeeded', principal: OPERATOR, apiKeyId: id };
    expect(events.all).toEqual([
      { ...about, reason: 'api_key_limited' },
      { ...about, reason: 'api_key_limited' },
      { ...about, reason: 'api_key_revoked', target: issued.apiKey.accountId },
    ]);
    expect(await works(issued)).toBe(false);
    await expect(keyControl.limit(id, 10, OPERATOR)).rejects.toBeDefined();
  });
});

describe('ExposedApiKeysService.revoke', () => {
  it('leaves a key alone when what is presented does not work', async () => {
    const { exposed, issued, works, events, feed, issuance, owner } = await setUp();
    const { id } = issued.apiKey;
    const second = await issuance.rotate(owner, { id, overlapSeconds: 0 }, undefined);
    events.clear();
    const before = feed.published.length;
    for (const key of [mintApiKey(), mintSecret(id), presented(issued)]) {
      await expect(exposed.revoke(key, CLIENT_ADDRESS)).resolves.toBeUndefined();
    }
    expect(events.all).toEqual([]);
    expect(feed.published).toHaveLength(before);
    expect(await works(second)).toBe(true);
  });

  it('refuses to end a key while the gateways cannot be told', async () => {
    const { exposed, issued, works, feed } = await setUp();
    feed.isPublishing = false;
    await expect(exposed.revoke(presented(issued), undefined)).rejects.toMatchObject({
      status: 'UNAVAILABLE',
    });
    expect(await works(issued)).toBe(true);
  });

  it.each(['current', 'previous'])('ends the whole key by its %s secret, once', async (slot) => {
    const { exposed, issued, issuance, owner, works, events, feed, clock } = await setUp();
    const { id } = issued.apiKey;
    const second = await issuance.rotate(owner, { id, overlapSeconds: 60 }, undefined);
    events.clear();
    const key = presented(slot === 'current' ? second : issued);
    await Promise.all([exposed.revoke(key, CLIENT_ADDRESS), exposed.revoke(key, CLIENT_ADDRESS)]);
    const expiresAt = clock.epochSeconds + DAY;
    expect(feed.published).toEqual([
      { kind: 'api_key', id: rotationNoticeId(id), expiresAt },
      { kind: 'api_key', id, expiresAt },
    ]);
    expect(events.all.filter(({ outcome }) => outcome === 'succeeded')).toEqual([
      {
        type: 'api_key',
        outcome: 'succeeded',
        reason: 'api_key_exposed',
        principal: owner.id,
        apiKeyId: id,
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
    expect([await works(issued), await works(second)]).toEqual([false, false]);
  });

  it('ends a key whose account is locked, so that it stays ended', async () => {
    const { exposed, issued, owner, control, works } = await setUp();
    await control.lock(owner.id, OPERATOR);
    await exposed.revoke(presented(issued), undefined);
    await control.unlock(owner.id, OPERATOR);
    expect(await works(issued)).toBe(false);
  });
});

describe('OwnApiKeysService.list and ApiKeyPruning', () => {
  it('show what lives or has ended in 30 days, newest first, and remove the rest', async () => {
    const { own, owner, issued, newKey, issuance, clock, pruning, works } = await setUp();
    const inADay = new Date(clock.now().getTime() + DAY * 1000);
    clock.advance({ seconds: 1 });
    const expiring = await newKey(owner, { expiresAt: inADay });
    clock.advance({ seconds: 1 });
    const revoked = await newKey(owner);
    await own.revoke(owner, revoked.apiKey.id, undefined);
    const rotation = { id: issued.apiKey.id, overlapSeconds: 0 };
    const live = await issuance.rotate(owner, rotation, undefined);
    const listed = async () => (await own.list(owner)).map(({ id }) => id);
    const kept = async () => {
      const rows = database.db.selectFrom('api_keys').select('id');
      return (await rows.where('account_id', '=', owner.id).execute()).length;
    };

    expect(await listed()).toEqual([revoked.apiKey.id, expiring.apiKey.id, live.apiKey.id]);
    clock.advance({ seconds: 30 * DAY - 1 });
    await pruning.run();
    expect([await listed(), await kept()]).toHaveProperty('0.length', 3);
    expect((await own.list(owner)).at(-1)?.previous).toBeDefined();
    clock.advance({ seconds: 1 });
    expect(await listed()).toEqual([expiring.apiKey.id, live.apiKey.id]);
    expect((await own.list(owner)).at(-1)?.previous).toBeUndefined();
    await Promise.all([pruning.run(), pruning.run()]);
    expect(await kept()).toBe(2);
    clock.advance({ seconds: DAY });
    await pruning.run();
    expect([await listed(), await kept()]).toEqual([[live.apiKey.id], 1]);
    expect(await works(live)).toBe(true);
    const secrets = database.db.selectFrom('api_key_secrets').select('slot');
    const left = await secrets.where('api_key_id', '=', live.apiKey.id).execute();
    expect(left).toEqual([{ slot: 'current' }]);
  });

  it('leave a line in the log when they cannot, and do not reject', async () => {
    const { clock, logger, lines } = await setUp();
    const gone = { removeKeys: () => Promise.reject(new Error('gone')) };
    const passes = new RepeatedPasses(new ApiKeyPruning(gone as never, clock.now), logger);
    await expect(passes.pass()).resolves.toBeUndefined();
    expect(lines.join()).toContain('"event":"api_key_pruning_failed"');
  });
});
