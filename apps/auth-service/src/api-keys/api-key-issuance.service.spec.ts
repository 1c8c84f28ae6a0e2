import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { rotationNoticeId, secretRevocationId } from '@sallyport/api-keys';
import type { Database } from '@sallyport/persistence';
import { createPrincipal, type PrincipalMembers } from '@sallyport/principal';
import { CLIENT_ADDRESS, openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { LONGEST_OVERLAP_SECONDS, MOST_LIVE_API_KEYS } from './api-key';
import { apiKeysOf, presented, WANTED } from './api-keys.fixture';

const DAY = 24 * 60 * 60;

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

async function setUp() {
  const replica = await apiKeysOf(database);
  const owner = await replica.signIn();
  const stranger = await replica.signIn();
  const resolve = (key: { presentedKey: string }) =>
    replica.resolution.resolve(presented(key), CLIENT_ADDRESS);
  const rotate = (id: string, overlapSeconds: number, by = owner) =>
    replica.issuance.rotate(by, { id, overlapSeconds }, CLIENT_ADDRESS);
  const countKeys = async () => (await replica.own.list(owner)).length;
  return { ...replica, owner, stranger, resolve, rotate, countKeys };
}

/** Who may have no secret, though every scope is held. */
const WITHOUT_A_SESSION: [string, Partial<PrincipalMembers>][] = [
  ['an API key, which has no session', { sessionId: undefined }],
  ['a client', { type: 'client' }],
  ['a partner', { type: 'partner' }],
  ['a user of another issuer', { id: 'somebody' }],
  ['a session that is none of this system', { sessionId: 'a-session' }],
];

describe('ApiKeyIssuanceService.create', () => {
  it.each(WITHOUT_A_SESSION)('makes no key for %s', async (_, broken) => {
    const { issuance, owner, events, countKeys } = await setUp();
    const principal = createPrincipal({ ...owner, ...broken });
    events.clear();
    await expect(issuance.create(principal, WANTED, CLIENT_ADDRESS)).rejects.toMatchObject({
      status: 'PERMISSION_DENIED',
      reason: 'session_required',
    });
    expect(events.all).toEqual([
      {
        type: 'api_key',
        outcome: 'refused',
        reason: 'session_required',
        principal: principal.id,
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
    expect(await countKeys()).toBe(0);
    await expect(issuance.create(owner, WANTED, CLIENT_ADDRESS)).resolves.toBeDefined();
  });

  it('makes no key by a token that has outlived its session', async () => {
    const { issuance, owner, ownSessions, events, countKeys, signIn, accounts } = await setUp();
    await issuance.create(owner, WANTED, CLIENT_ADDRESS);
    await ownSessions.endAll(owner, CLIENT_ADDRESS);
    events.clear();
    const refusal = { status: 'UNAUTHENTICATED', reason: 'session_ended' };
    await expect(issuance.create(owner, WANTED, CLIENT_ADDRESS)).rejects.toMatchObject(refusal);
    expect(events.refusals).toEqual(['session_ended']);
    expect(await countKeys()).toBe(1);
    const again = await signIn(await accounts.findById(owner.id));
    await expect(issuance.create(again, WANTED, CLIENT_ADDRESS)).resolves.toBeDefined();
  });

  it('makes no key in the session of somebody else', async () => {
    const { issuance, owner, stranger } = await setUp();
    const sessionId = stranger.sessionId;
    const principal = createPrincipal({ ...owner, sessionId });
    await expect(issuance.create(principal, WANTED, CLIENT_ADDRESS)).rejects.toMatchObject({
      reason: 'session_ended',
    });
  });

  it('makes no key in a session whose end is under way', async () => {
    const { issuance, owner, countKeys, ends, clock } = await setUp();
    const made = await database.db.transaction().execute(async (transaction) => {
      await ends.all(owner.id, { reason: 'ended_by_user', now: clock.now() }, transaction);
      const attempt = issuance.create(owner, WANTED, CLIENT_ADDRESS);
      const outcome = Promise.allSettled([attempt]);
      // Long enough for one that does not wait for the end.
      await Promise.race([outcome, delay(200)]);
      return { outcome };
    });
    const [outcome] = await made.outcome;
    expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'session_ended' } });
    expect(await countKeys()).toBe(0);
  });

  it.each([
    ['the session does not hold', ['orders:read'], ['orders:read', 'accounts:manage']],
    ['the account does not hold', ['orders:read', 'accounts:manage'], ['orders:read']],
  ])('makes no key with a scope that %s', async (_, ofSession, ofAccount) => {
    const { issuance, newAccount, signIn, events, own } = await setUp();
    const member = await signIn(await newAccount({ scopes: ofAccount }));
    const scopes = new Set(ofSession);
    const principal = createPrincipal({ ...member, scopes });
    events.clear();
    const wanted = { ...WANTED, scopes: ['orders:read', 'accounts:manage'] };
    await expect(issuance.create(principal, wanted, CLIENT_ADDRESS)).rejects.toMatchObject({
      status: 'PERMISSION_DENIED',
      reason: 'scope_not_held',
    });
    expect(events.refusals).toEqual(['scope_not_held']);
    expect(await own.list(principal)).toEqual([]);
    const held = { ...WANTED, scopes: ['orders:read'] };
    await expect(issuance.create(principal, held, CLIENT_ADDRESS)).resolves.toBeDefined();
  });

  it('makes no more than 50 live keys, however many are asked for at the same time', async () => {
    const { newKey, owner, stranger, own, events } = await setUp();
    const attempts = Array.from({ length: MOST_LIVE_API_KEYS + 5 }, () => newKey(owner));
    const outcomes = await Promise.allSettled(attempts);
    const refused = outcomes.flatMap((each): unknown[] =>
      each.status === 'rejected' ? [each.reason] : [],
    );
    expect(refused).toHaveLength(5);
    expect(refused[0]).toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      reason: 'too_many_api_keys',
    });
    expect(events.refusals).toEqual(new Array(5).fill('too_many_api_keys'));
    const [first] = await own.list(owner);
    expect(await own.list(owner)).toHaveLength(MOST_LIVE_API_KEYS);

    await expect(newKey(stranger)).resolves.toBeDefined();
    await own.revoke(owner, first?.id ?? '', CLIENT_ADDRESS);
    await expect(newKey(owner)).resolves.toBeDefined();
  });

  it('makes a key that resolves, keeps its hash alone, and leaves an event', async () => {
    const { newKey, owner, resolve, clock, events } = await setUp();
    const expiresAt = new Date(clock.now().getTime() + DAY * 1000);
    events.clear();
    const issued = await newKey(owner, { expiresAt });
    expect(issued.apiKey).toEqual({
      id: presented(issued).id,
      accountId: owner.id,
      name: WANTED.name,
      scopes: WANTED.scopes,
      createdAt: clock.now(),
      expiresAt,
      revokedAt: undefined,
      requestsPerMinute: undefined,
      current: { createdAt: clock.now(), lastUsedAt: undefined, validUntil: undefined },
      previous: undefined,
    });
    expect(events.all).toEqual([
      {
        type: 'api_key',
        outcome: 'succeeded',
        reason: 'api_key_created',
        principal: owner.id,
        apiKeyId: issued.apiKey.id,
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
    await expect(resolve(issued)).resolves.toMatchObject({ accountId: owner.id });

    const kept = await database.db
      .selectFrom('api_key_secrets')
      .selectAll()
      .where('api_key_id', '=', issued.apiKey.id)
      .execute();
    expect(kept.map(({ secret_hash }) => secret_hash)).toEqual([presented(issued).secretHash]);
  });
});

describe('ApiKeyIssuanceService.rotate', () => {
  it.each(WITHOUT_A_SESSION)('gives no new secret to %s', async (_, broken) => {
    const { newKey, rotate, owner, resolve, events } = await setUp();
    const issued = await newKey(owner);
    const principal = createPrincipal({ ...owner, ...broken });
    events.clear();
    await expect(rotate(issued.apiKey.id, 0, principal)).rejects.toMatchObject({
      status: 'PERMISSION_DENIED',
      reason: 'session_required',
    });
    expect(events.refusals).toEqual(['session_required']);
    await expect(resolve(issued)).resolves.toBeDefined();
    await expect(rotate(issued.apiKey.id, 0)).resolves.toBeDefined();
  });

  it('gives no new secret by a token that has outlived its session', async () => {
    const { newKey, rotate, owner, resolve, ownSessions, accounts, signIn } = await setUp();
    const issued = await newKey(owner);
    await ownSessions.endAll(owner, CLIENT_ADDRESS);
    await expect(rotate(issued.apiKey.id, 0)).rejects.toMatchObject({ reason: 'session_ended' });
    await expect(resolve(issued)).resolves.toBeDefined();
    const again = await signIn(await accounts.findById(owner.id));
    await expect(rotate(issued.apiKey.id, 0, again)).resolves.toBeDefined();
  });

  it.each([-1, 0.5, NaN, LONGEST_OVERLAP_SECONDS + 1])('refuses an overlap of %d s', async (s) => {
    const { newKey, rotate, owner, resolve } = await setUp();
    const issued = await newKey(owner);
    await expect(rotate(issued.apiKey.id, s)).rejects.toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'api_key_overlap_invalid',
    });
    await expect(resolve(issued)).resolves.toBeDefined();
    await expect(rotate(issued.apiKey.id, LONGEST_OVERLAP_SECONDS)).resolves.toBeDefined();
  });

  it('finds neither an unknown key, nor one of somebody else, nor one that has ended', async () => {
    const { newKey, rotate, owner, stranger, own, clock, signIn, accounts } = await setUp();
    const expiresAt = new Date(clock.now().getTime() + 1000);
    const [live, revoked, expired] = [
      await newKey(owner),
      await newKey(owner),
      await newKey(owner, { expiresAt }),
    ];
    await own.revoke(owner, revoked.apiKey.id, CLIENT_ADDRESS);
    clock.advance({ seconds: 1 });
    const notFound = { status: 'NOT_FOUND', reason: 'api_key_not_found' };
    for (const id of [
      randomUUID(),
      '\u0000',
      '0'.repeat(16),
      revoked.apiKey.id,
      expired.apiKey.id,
    ]) {
      await expect(rotate(id, 0)).rejects.toMatchObject(notFound);
    }
    await expect(rotate(live.apiKey.id, 0, stranger)).rejects.toMatchObject(notFound);
    const again = await signIn(await accounts.findById(owner.id));
    await expect(rotate(live.apiKey.id, 0, again)).resolves.toBeDefined();
  });

  it('does nothing while the gateways cannot be told', async () => {
    const { newKey, rotate, owner, resolve, feed } = await setUp();
    const issued = await newKey(owner);
    feed.isPublishing = false;
    await expect(rotate(issued.apiKey.id, 0)).rejects.toMatchObject({ status: 'UNAVAILABLE' });
    await expect(resolve(issued)).resolves.toBeDefined();
    feed.isPublishing = true;
    await expect(rotate(issued.apiKey.id, 0)).resolves.toBeDefined();
  });

  it('without an overlap ends the secret before at once, and that secret alone', async () => {
    const { newKey, rotate, owner, resolve, feed, clock, events } = await setUp();
    const first = await newKey(owner);
    const { id } = first.apiKey;
    events.clear();
    const second = await rotate(id, 0);
    expect(feed.published).toEqual([
      {
        kind: 'api_key',
        id: secretRevocationId(presented(first)),
        expiresAt: clock.epochSeconds + DAY,
      },
    ]);
    expect(events.all).toEqual([
      {
        type: 'api_key',
        outcome: 'succeeded',
        reason: 'api_key_rotated',
        principal: owner.id,
        apiKeyId: id,
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
    await expect(resolve(first)).rejects.toMatchObject({ detail: 'api_key_superseded' });
    expect(second.apiKey.previous?.validUntil).toEqual(clock.now());
    await expect(resolve(second)).resolves.toMatchObject({ validUntil: undefined });
  });

  it('with an overlap ends the secret before when that is over', async () => {
    const { newKey, rotate, owner, resolve, feed, clock } = await setUp();
    const first = await newKey(owner);
    const second = await rotate(first.apiKey.id, 3600);
    const validUntil = new Date(clock.now().getTime() + 3600 * 1000);
    // Which withdraws nothing: gateways learn that the secret they remember has an end.
    expect(feed.published.map((each) => each.id)).toEqual([rotationNoticeId(first.apiKey.id)]);
    await expect(resolve(first)).resolves.toMatchObject({ validUntil });
    clock.advance({ seconds: 3599 });
    await expect(resolve(first)).resolves.toMatchObject({ validUntil });
    clock.advance({ seconds: 1 });
    await expect(resolve(first)).rejects.toMatchObject({ detail: 'api_key_superseded' });
    await expect(resolve(second)).resolves.toBeDefined();
  });

  it('ends no secret later than the key', async () => {
    const { newKey, rotate, owner, resolve, clock } = await setUp();
    const expiresAt = new Date(clock.now().getTime() + 60_000);
    const first = await newKey(owner, { expiresAt });
    const second = await rotate(first.apiKey.id, DAY);
    expect(second.apiKey.previous?.validUntil).toEqual(expiresAt);
    await expect(resolve(second)).resolves.toMatchObject({ validUntil: expiresAt });
  });

  it('ends the last secret but one, and withdraws it when it still worked', async () => {
    const { newKey, rotate, owner, resolve, feed } = await setUp();
    const first = await newKey(owner);
    const { id } = first.apiKey;
    const second = await rotate(id, DAY);
    const third = await rotate(id, DAY);
    expect(feed.published.map((each) => each.id)).toEqual([
      rotationNoticeId(id),
      secretRevocationId(presented(first)),
    ]);
    await expect(resolve(first)).rejects.toMatchObject({ detail: 'api_key_secret_wrong' });
    await expect(resolve(second)).resolves.toBeDefined();
    await expect(resolve(third)).resolves.toBeDefined();
  });

  it('withdraws no secret that worked no more anyway', async () => {
    const { newKey, rotate, owner, feed, clock } = await setUp();
    const { id } = (await newKey(owner)).apiKey;
    await rotate(id, 60);
    clock.advance({ seconds: 60 });
    await rotate(id, 60);
    const notice = rotationNoticeId(id);
    expect(feed.published.map((each) => each.id)).toEqual([notice, notice]);
  });

  it('leaves two secrets that work, of many given out at the same time, and withdraws the others', async () => {
    const { newKey, rotate, owner, resolve, feed } = await setUp();
    const first = await newKey(owner);
    const { id } = first.apiKey;
    const rotated = await Promise.all(Array.from({ length: 8 }, () => rotate(id, DAY)));
    const outcomes = await Promise.allSettled([first, ...rotated].map(resolve));
    const works = ({ status }: PromiseSettledResult<unknown>) => status === 'fulfilled';
    expect(outcomes.filter(works)).toHaveLength(2);

    const withdrawn = new Set(feed.published.map((each) => each.id));
    const isWithdrawn = [first, ...rotated].map((each) =>
      withdrawn.has(secretRevocationId(presented(each))),
    );
    expect(isWithdrawn).toEqual(outcomes.map((outcome) => !works(outcome)));
  });
});
