/** @timed The feed is held to its own bound. */
import { describeOnSharedState, type SharedStateForTests } from '@sallyport/testing';
import { Redis } from 'ioredis';
import { FEED_KEY, GENERATION_KEY } from './feed-connection';
import { BOUND_MS, claimsOf, Feed, MemoryOutbox, sessionRevocation, until } from './feed.fixture';
import type { RevocationReplica } from './revocation-replica';

jest.setTimeout(60_000);

/** The bound where it is not what is asked about: a machine that is busy does not look like a feed that is lost. */
const PATIENT_BOUND_MS = 10 * BOUND_MS;

const isRevoked = (replica: RevocationReplica, sid: string): boolean =>
  replica.revocationOf(claimsOf(sid)) === 'session';

const lacking = (replica: RevocationReplica, ids: readonly string[]): readonly string[] =>
  ids.filter((id) => !isRevoked(replica, id));

describeOnSharedState('the revocation feed', (open) => {
  let sharedState: SharedStateForTests;
  let redis: Redis;
  let feed: Feed;

  beforeAll(async () => {
    sharedState = await open();
    redis = new Redis(sharedState.url);
  });

  beforeEach(async () => {
    await redis.del(FEED_KEY, GENERATION_KEY);
    feed = new Feed(sharedState.url);
  });

  afterEach(() => feed.close());

  afterAll(async () => {
    redis.disconnect();
    await sharedState.close();
  });

  describe('is not current', () => {
    it('before anybody has vouched for it, though entries stand in it', async () => {
      await redis.xadd(FEED_KEY, '*', 'session', 'early 4000000000');
      await redis.set(GENERATION_KEY, 'named');
      const { follower, replica } = feed.follower();
      await until(() => isRevoked(replica, 'early'));
      expect(follower.isCurrent).toBe(false);

      feed.publisher(new MemoryOutbox());
      await until(() => follower.isCurrent);
    });

    it.each([
      ['an old word', -60_000],
      ['a word that is hardly older than the bound', -BOUND_MS],
      ['a fresh word of somebody who may have ended since', 0],
      ['a word from before the clock was set back', 60_000],
    ])('for a follower that finds nothing but %s', async (_, offsetMs) => {
      const [seconds] = await redis.time();
      await redis.set(GENERATION_KEY, 'named');
      await redis.xadd(FEED_KEY, '*', 'heartbeat', String(Number(seconds) * 1000 + offsetMs));
      await redis.xadd(FEED_KEY, '*', 'session', 'read 4000000000');
      const { follower, replica } = feed.follower();
      await until(() => isRevoked(replica, 'read'));
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(follower.isCurrent).toBe(false);
    });

    it('while the feed has no name: somebody is making it whole', async () => {
      await redis.xadd(FEED_KEY, '*', 'heartbeat', String(Date.now()));
      const { follower } = feed.follower();
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(follower.isCurrent).toBe(false);
      feed.publisher(new MemoryOutbox());
      await until(() => follower.isCurrent);
    });

    it('once its publisher has been silent for longer than the bound, until it speaks again', async () => {
      const changes: boolean[] = [];
      const outbox = new MemoryOutbox();
      const publisher = feed.publisher(outbox);
      const { follower } = feed.follower({ onCurrentChanged: (now) => changes.push(now) });
      await until(() => follower.isCurrent);

      await publisher.close();
      await until(() => !follower.isCurrent);
      expect(follower.ageMs).toBeGreaterThanOrEqual(BOUND_MS);
      await until(() => changes.length === 2);

      feed.publisher(outbox);
      await until(() => follower.isCurrent);
      await until(() => changes.length === 3);
      expect(changes).toEqual([true, false, true]);
    });

    it('while the outbox cannot be read: nobody knows what is missing', async () => {
      const outbox = new MemoryOutbox();
      const failures: unknown[] = [];
      feed.publisher(outbox, { onFailed: (error) => failures.push(error) });
      const { follower } = feed.follower();
      await until(() => follower.isCurrent);

      outbox.failure = new Error('the database is gone');
      await until(() => !follower.isCurrent);
      expect(failures).toContain(outbox.failure);

      outbox.failure = undefined;
      await until(() => follower.isCurrent);
    });

    it.each(['monotonicNow', 'wallNow'] as const)(
      'for a process or a machine that was asleep, before it has caught up (%s)',
      async (clock) => {
        feed.publisher(new MemoryOutbox());
        const real = clock === 'wallNow' ? Date.now : () => performance.now();
        let asleepMs = 0;
        const { follower } = feed.follower({ [clock]: () => real() + asleepMs });
        await until(() => follower.isCurrent);
        asleepMs = BOUND_MS;
        expect(follower.isCurrent).toBe(false);
        await until(() => follower.isCurrent);
      },
    );
  });

  it('brings a revocation to every follower', async () => {
    const outbox = new MemoryOutbox();
    const publisher = feed.publisher(outbox);
    const followers = [feed.follower(), feed.follower()];
    await until(
      () => publisher.isPublishing && followers.every(({ follower }) => follower.isCurrent),
    );

    await publisher.publish(outbox.record(sessionRevocation('ended')));
    await until(() => followers.every(({ replica }) => isRevoked(replica, 'ended')));
    expect(outbox.records.every(({ isPublished }) => isPublished)).toBe(true);
    expect(followers.map(({ replica }) => isRevoked(replica, 'another'))).toEqual([false, false]);
  });

  it('loses nothing between a snapshot and what follows it', async () => {
    const outbox = new MemoryOutbox();
    const publisher = feed.publisher(outbox);
    await until(() => publisher.isPublishing);
    const ids = Array.from({ length: 1_200 }, (_, index) => `s${index}`);
    const followers: ReturnType<Feed['follower']>[] = [];

    // Ten followers begin while entries come, each at another moment.
    for (const [index, id] of ids.entries()) {
      const published = publisher.publish(outbox.record(sessionRevocation(id)));
      if (index % 120 === 0) followers.push(feed.follower());
      if (index % 20 === 0) await published;
    }

    await until(() => outbox.records.every(({ isPublished }) => isPublished));
    await until(() => followers.every(({ replica }) => replica.sizes.session === ids.length));
    for (const { replica } of followers) expect(lacking(replica, ids)).toEqual([]);
  });

  it('is vouched for by no publisher before what another recorded stands in it', async () => {
    const outbox = new MemoryOutbox();
    const { follower, replica } = feed.follower();
    // Recorded by a process that ended before it could publish.
    outbox.record(sessionRevocation('orphan'));
    feed.publisher(outbox);
    await until(() => follower.isCurrent);
    expect(isRevoked(replica, 'orphan')).toBe(true);
  });

  describe.each([
    ['was emptied', () => redis.del(FEED_KEY, GENERATION_KEY)],
    ['has lost its entries alone', () => redis.del(FEED_KEY)],
    [
      'has lost its newest entries, and somebody has written to it since',
      () =>
        redis
          .xtrim(FEED_KEY, 'MAXLEN', 0)
          .then(() => redis.xadd(FEED_KEY, '*', 'session', 'x 4000000000')),
    ],
    [
      'was emptied, and somebody has written to it since',
      () =>
        redis
          .multi()
          .del(FEED_KEY, GENERATION_KEY)
          .xadd(FEED_KEY, '*', 'session', 'x 4000000000')
          .exec(),
    ],
    [
      'has begun again below the position of its followers',
      () =>
        redis.multi().del(FEED_KEY, GENERATION_KEY).xadd(FEED_KEY, '1-1', 'session', 'x 1').exec(),
    ],
  ])('when it %s', (_, lose) => {
    it('is whole again before anybody vouches for it', async () => {
      const outbox = new MemoryOutbox();
      const ids = Array.from({ length: 120 }, (__, index) => `s${index}`);
      outbox.record(...ids.map(sessionRevocation));
      const publishers = [feed.publisher(outbox), feed.publisher(outbox)];
      const before = feed.follower({ boundMs: PATIENT_BOUND_MS });
      await until(() => before.follower.isCurrent && publishers.every((each) => each.isPublishing));

      await lose();
      // One that begins now must not trust what is left.
      const after = feed.follower({ boundMs: PATIENT_BOUND_MS });
      await until(() => after.follower.isCurrent);
      expect(lacking(after.replica, ids)).toEqual([]);
      await until(() => before.follower.isCurrent);

      await publishers[0]?.publish(outbox.record(sessionRevocation('later')));
      await until(() => isRevoked(before.replica, 'later') && isRevoked(after.replica, 'later'));
    });
  });

  it('is made whole when it is emptied while it is being made whole', async () => {
    const outbox = new MemoryOutbox();
    const ids = Array.from({ length: 600 }, (_, index) => `s${index}`);
    outbox.record(...ids.map(sessionRevocation));
    await feed.publisher(outbox).close();
    // The first look at the outbox comes after the look at the feed.
    const inForce = outbox.inForce.bind(outbox);
    let isEmptied = false;
    outbox.inForce = async (after, limit) => {
      if (!isEmptied) await redis.del(FEED_KEY, GENERATION_KEY);
      isEmptied = true;
      return inForce(after, limit);
    };
    feed.publisher(outbox);
    const { follower, replica } = feed.follower();
    await until(() => follower.isCurrent);
    expect(lacking(replica, ids)).toEqual([]);
  });

  it('is published to by a publisher whose connection has died, without a hand', async () => {
    const outbox = new MemoryOutbox();
    const publisher = feed.publisher(outbox);
    const { follower, replica } = feed.follower();
    await until(() => follower.isCurrent);
    await redis.call('CLIENT', 'KILL', 'SKIPME', 'yes').catch(() => undefined);
    await publisher.publish(outbox.record(sessionRevocation('meanwhile')));
    await until(() => isRevoked(replica, 'meanwhile') && follower.isCurrent);
  });

  it('goes on while one of two publishers is slow', async () => {
    const [quick, slow] = [new MemoryOutbox(), new MemoryOutbox()];
    const due = slow.due.bind(slow);
    slow.due = async (limit) => {
      await new Promise((resolve) => setTimeout(resolve, BOUND_MS / 2 + 100));
      return due(limit);
    };
    const changes: boolean[] = [];
    feed.publisher(quick);
    feed.publisher(slow);
    const { follower } = feed.follower({ onCurrentChanged: (now) => changes.push(now) });
    await until(() => follower.isCurrent);
    await new Promise((resolve) => setTimeout(resolve, BOUND_MS * 3));
    expect(changes).toEqual([true]);
  });

  it('does not grow while what is published cannot be marked', async () => {
    const outbox = new MemoryOutbox();
    outbox.markPublished = () => Promise.reject(new Error('read-only'));
    outbox.record(...Array.from({ length: 20 }, (_, index) => sessionRevocation(`s${index}`)));
    let failures = 0;
    feed.publisher(outbox, {
      onFailed: () => {
        failures += 1;
      },
    });
    await until(() => failures > 10);
    // Once when it was compared, and once more because it was due.
    expect(await redis.xlen(FEED_KEY)).toBeLessThan(60);
  });

  it('holds what was written while the clock of the Redis was behind', async () => {
    const outbox = new MemoryOutbox();
    outbox.record(sessionRevocation('early'));
    // Older than anything that is kept, by the clock as it is now.
    await redis.xadd(FEED_KEY, `${Date.now() - 21 * 60_000}-0`, 'session', 'early 4000000000');
    await outbox.markPublished(['1']);
    feed.publisher(outbox);
    await until(async () => (await redis.xlen(FEED_KEY)) > 3);
    await redis.xtrim(FEED_KEY, 'MINID', Date.now() - 20 * 60_000);
    const { follower, replica } = feed.follower();
    await until(() => follower.isCurrent);
    expect(isRevoked(replica, 'early')).toBe(true);
  });

  it('leaves the feed alone while the outbox is away, and publishes once when it is back', async () => {
    const outbox = new MemoryOutbox();
    outbox.failure = new Error('the database is gone');
    outbox.record(...Array.from({ length: 20 }, (_, index) => sessionRevocation(`s${index}`)));
    let failures = 0;
    feed.publisher(outbox, {
      onFailed: () => {
        failures += 1;
      },
    });
    await until(() => failures > 5);
    expect(await redis.xlen(FEED_KEY)).toBe(0);
    outbox.failure = undefined;
    const { follower } = feed.follower();
    await until(() => follower.isCurrent);
    const entries = await redis.xrange(FEED_KEY, '-', '+');
    expect(entries.filter(([, [kind]]) => kind === 'session')).toHaveLength(20);
  });

  it('reports what no publisher writes, and goes on behind it', async () => {
    const refused: string[] = [];
    await redis.set(GENERATION_KEY, 'named');
    await redis.xadd(FEED_KEY, '*', 'nonsense', 'x');
    await redis.xadd(FEED_KEY, '*', 'session', 'good 4000000000');
    const { replica } = feed.follower({ onEntryRefused: (position) => refused.push(position) });
    await until(() => isRevoked(replica, 'good'));
    expect(refused).toHaveLength(1);
  });

  it('tells of a revoked signing key once', async () => {
    const kids: string[] = [];
    const outbox = new MemoryOutbox();
    outbox.record({ kind: 'signing_key', id: 'kid', expiresAt: 4_000_000_000 });
    outbox.record({ kind: 'signing_key', id: 'kid', expiresAt: 4_000_000_000 });
    const { follower } = feed.follower({ onSigningKeyRevoked: (kid) => kids.push(kid) });
    feed.publisher(outbox);
    await until(() => follower.isCurrent);
    expect(kids).toEqual(['kid']);
  });

  it('tells of each revocation once it is in the replica', async () => {
    const told: (readonly [string, boolean])[] = [];
    const outbox = new MemoryOutbox();
    outbox.record({ kind: 'api_key', id: 'key', expiresAt: 4_000_000_000 });
    outbox.record({ kind: 'subject', id: 'ada', expiresAt: 4_000_000_000, issuedBefore: 1 });
    const { follower, replica } = feed.follower({
      onApplied: ({ kind, id }) =>
        told.push([`${kind} ${id}`, kind === 'subject' || replica.isRevoked('api_key', id)]),
    });
    feed.publisher(outbox);
    await until(() => follower.isCurrent);
    expect(told).toEqual([
      ['api_key key', true],
      ['subject ada', true],
    ]);
  });
});

describe('the revocation feed without a Redis', () => {
  it('is not current, is tried again, and closes at once', async () => {
    const failures: unknown[] = [];
    const feed = new Feed('redis://127.0.0.1:1');
    const publisher = feed.publisher(new MemoryOutbox());
    const { follower } = feed.follower({ onConnectionFailed: (error) => failures.push(error) });
    await until(() => failures.length > 2);
    expect(follower.isCurrent).toBe(false);
    expect(publisher.isPublishing).toBe(false);
    await feed.close();
  });
});
