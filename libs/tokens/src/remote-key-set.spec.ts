import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CachedAccessTokenVerifier } from './cached-access-token-verifier';
import {
  encoded,
  foreignKeys,
  HEADER,
  issuerKeys,
  KID,
  mint,
  NOW,
  publishedKey,
  signRs256,
  verifierOf,
  withHeader,
} from './issuer.fixture';
import { RemoteKeySet, type RemoteKeySetOptions } from './remote-key-set';
import { TokenRejected } from './token-rejected';

const first = publishedKey(issuerKeys.publicKey, KID);
const second = publishedKey(foreignKeys.publicKey, 'second');
const REFRESH_MS = 300_000;
const INTERVAL_MS = 1_000;
const MISS_MS = 60_000;

function setUp(overrides: Partial<RemoteKeySetOptions> = {}) {
  const issuer = {
    published: { keys: [first] } as unknown,
    failure: undefined as Error | undefined,
    fetches: 0,
  };
  const time = { ms: NOW * 1000 };
  const failures: unknown[] = [];
  const keys = new RemoteKeySet({
    fetchKeys: async () => {
      issuer.fetches += 1;
      if (issuer.failure !== undefined) throw issuer.failure;
      return issuer.published;
    },
    clock: () => new Date(time.ms),
    refreshAfterMs: REFRESH_MS,
    minFetchIntervalMs: INTERVAL_MS,
    rememberMissMs: MISS_MS,
    onFetchFailed: (error) => failures.push(error),
    ...overrides,
  });
  return { keys, issuer, time, failures };
}

const unavailable = expect.objectContaining({ code: 'token_key_unavailable' });

describe('RemoteKeySet, asked for an unknown key,', () => {
  it('fetches once and no more than once an interval', async () => {
    const { keys, issuer, time } = setUp();
    await keys.refresh();
    time.ms += INTERVAL_MS;
    expect(await keys.find('a')).toBeUndefined();
    expect(await keys.find('b')).toBeUndefined();
    expect(issuer.fetches).toBe(2);
    time.ms += INTERVAL_MS;
    expect(await keys.find('b')).toBeUndefined();
    expect(issuer.fetches).toBe(3);
  });

  it('does not ask again for a miss it remembers', async () => {
    const { keys, issuer, time } = setUp();
    await keys.find('gone');
    time.ms += MISS_MS - 1;
    expect(await keys.find('gone')).toBeUndefined();
    expect(issuer.fetches).toBe(1);
    time.ms += 1;
    expect(await keys.find('gone')).toBeUndefined();
    expect(issuer.fetches).toBe(2);
  });

  it('shares one fetch among all who wait', async () => {
    const { keys, issuer } = setUp();
    const found = await Promise.all(Array.from({ length: 100 }, () => keys.find(KID)));
    expect(found.every((key) => key?.kid === KID)).toBe(true);
    expect(issuer.fetches).toBe(1);
  });

  it('fetches again though the clock was set back', async () => {
    const { keys, issuer, time } = setUp();
    await keys.refresh();
    time.ms -= REFRESH_MS;
    await keys.find('a');
    expect(issuer.fetches).toBe(2);
  });

  it('finds the key the issuer has published since', async () => {
    const { keys, issuer, time } = setUp();
    await keys.refresh();
    issuer.published = { keys: [first, second] };
    time.ms += INTERVAL_MS;
    expect(await keys.find('second')).toMatchObject({ kid: 'second' });
  });

  it('finds a key it had remembered as missing once the set has it', async () => {
    const { keys, issuer } = setUp();
    expect(await keys.find('second')).toBeUndefined();
    issuer.published = { keys: [first, second] };
    await keys.refresh();
    expect(await keys.find('second')).toMatchObject({ kid: 'second' });
  });
});

describe('RemoteKeySet, while tokens with random key ids flood a verifier,', () => {
  const valid = mint();
  const bySecond = withHeader({ kid: 'second' }, (input) =>
    signRs256(input, foreignKeys.privateKey),
  );

  /** What a verifier over the key set answers: the subject, or why it refuses. */
  function setUpVerifier() {
    const world = setUp();
    const verifier = verifierOf(world.keys);
    const answerTo = (token: string) =>
      verifier.verify(token).then(
        ({ sub }) => sub,
        (error: unknown) => (error instanceof TokenRejected ? error.code : error),
      );
    return { ...world, answerTo };
  }

  /** 25,000 tokens within a second, half of them at once, and a valid one among them and after them. */
  async function secondOfFlood(answerTo: (token: string) => Promise<unknown>) {
    const atOnce = [...floodOf(6_250), valid, ...floodOf(6_250)];
    const answers = new Set(await Promise.all(atOnce.map(answerTo)));
    for (const token of floodOf(12_500)) answers.add(await answerTo(token));
    expect(answers).toEqual(new Set(['token_key_unknown', 'user-1']));
    expect(await answerTo(valid)).toBe('user-1');
  }

  it('costs the issuer 5 fetches for 100,000 of them in 4 seconds, and keeps none of them', async () => {
    const { issuer, time, answerTo } = setUpVerifier();
    expect(await answerTo(valid)).toBe('user-1');
    const heldBefore = await heldBytes();
    for (let elapsed = 0; elapsed < 4; elapsed += 1) {
      time.ms += INTERVAL_MS;
      await secondOfFlood(answerTo);
    }
    expect(issuer.fetches).toBe(5);
    expect((await heldBytes()) - heldBefore).toBeLessThan(4 * 2 ** 20);
    // Used after the measurement, or the key set would be garbage by then.
    expect(await answerTo(valid)).toBe('user-1');
  });

  it('costs one fetch when they come before any key is loaded', async () => {
    const { issuer, answerTo } = setUpVerifier();
    const answers = await Promise.all([...floodOf(2_000), valid].map(answerTo));
    expect(new Set(answers)).toEqual(new Set(['token_key_unknown', 'user-1']));
    expect(issuer.fetches).toBe(1);
  });

  it('answers valid tokens and tries once a second when the issuer fails under it', async () => {
    const { issuer, time, answerTo } = setUpVerifier();
    await answerTo(valid);
    issuer.failure = new Error('overloaded');
    for (let elapsed = 0; elapsed < 4; elapsed += 1) {
      time.ms += INTERVAL_MS;
      const answers = await Promise.all([...floodOf(500), valid].map(answerTo));
      expect(new Set(answers)).toEqual(new Set(['token_key_unavailable', 'user-1']));
    }
    expect(issuer.fetches).toBe(5);
  });

  it('knows a key published in the midst of it a second later', async () => {
    const { issuer, time, answerTo } = setUpVerifier();
    time.ms += INTERVAL_MS;
    await Promise.all(floodOf(500).map(answerTo));
    issuer.published = { keys: [first, second] };
    expect(await answerTo(bySecond)).toBe('token_key_unknown');
    time.ms += INTERVAL_MS;
    await Promise.all(floodOf(500).map(answerTo));
    expect(await answerTo(bySecond)).toBe('user-1');
    expect(issuer.fetches).toBe(2);
  });
});

/** Tokens that differ in their key id, which is as long as one may be, so that keeping them would be seen. */
function floodOf(size: number): string[] {
  return Array.from({ length: size }, () => {
    const kid = randomUUID().padEnd(128, '.');
    return `${encoded({ ...HEADER, kid })}.e30.AA`;
  });
}

/** The memory in use once everything that has been dropped is collected. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // A collection already under way when it is asked for spares what was dropped since it began; the next does not.
  for (let round = 0; round < 3; round += 1) {
    await new Promise(setImmediate);
    collect();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('RemoteKeySet, while the issuer cannot be reached,', () => {
  it('is unavailable as long as no set was ever loaded, and tries at most once an interval', async () => {
    const { keys, issuer, time, failures } = setUp();
    issuer.failure = new Error('connect ECONNREFUSED');
    await expect(keys.find(KID)).rejects.toEqual(unavailable);
    await expect(keys.find(KID)).rejects.toEqual(unavailable);
    expect(issuer.fetches).toBe(1);
    expect(keys.isLoaded).toBe(false);
    expect(failures).toEqual([issuer.failure]);

    issuer.failure = undefined;
    time.ms += INTERVAL_MS;
    expect(await keys.find(KID)).toMatchObject({ kid: KID });
    expect(keys.isLoaded).toBe(true);
  });

  it('keeps the last good set and its version', async () => {
    const { keys, issuer } = setUp();
    await keys.refresh();
    const { version } = keys;
    issuer.failure = new Error('gone');
    expect(await keys.refresh()).toBe(false);
    expect(await keys.find(KID)).toMatchObject({ kid: KID });
    expect(keys.version).toBe(version);
  });

  it('is unavailable for an unknown key only', async () => {
    const { keys, issuer, time } = setUp();
    await keys.refresh();
    issuer.failure = new Error('gone');
    time.ms += INTERVAL_MS;
    await expect(keys.find('second')).rejects.toEqual(unavailable);
    await expect(keys.find('second')).rejects.toEqual(unavailable);
    expect(await keys.find(KID)).toMatchObject({ kid: KID });
  });

  it.each<[string, unknown]>([
    ['no JSON object', 'oops'],
    ['no keys', {}],
    ['an ambiguous set', { keys: [first, { ...second, kid: KID }] }],
  ])('or answers with %s, keeps the last good set', async (_name, published) => {
    const { keys, issuer, failures } = setUp();
    await keys.refresh();
    issuer.published = published;
    expect(await keys.refresh()).toBe(false);
    expect(failures).toEqual([expect.any(TypeError)]);
    expect(await keys.find(KID)).toMatchObject({ kid: KID });
  });

  it('gives up on a fetch that hangs, and aborts it', async () => {
    let aborted = false;
    const { keys, failures } = setUp({
      fetchTimeoutMs: 10,
      fetchKeys: (signal) => {
        signal.addEventListener('abort', () => (aborted = true));
        return new Promise(() => undefined);
      },
    });
    // Abort signals do not keep the process alive; a test that waits for one has to.
    const alive = setInterval(() => undefined, 5);
    await expect(keys.find(KID)).rejects.toEqual(unavailable);
    clearInterval(alive);
    expect(aborted).toBe(true);
    expect(failures).toHaveLength(1);
  });
});

describe('RemoteKeySet', () => {
  it('uses no key its issuer should not have published, and reports it', async () => {
    const codes: string[] = [];
    const { keys, issuer } = setUp({ onKeyRefused: ({ code }) => codes.push(code) });
    issuer.published = { keys: [{ ...second, d: 'AQ' }, { ...second, alg: 'RS512' }, first] };
    await keys.refresh();
    expect(codes).toEqual(['jwk_private', 'jwk_algorithm_refused']);
    expect(await keys.find('second')).toBeUndefined();
  });

  it('drops all keys when the issuer publishes none', async () => {
    const { keys, issuer } = setUp();
    await keys.refresh();
    issuer.published = { keys: [] };
    await keys.refresh();
    expect(await keys.find(KID)).toBeUndefined();
  });

  it('ends what a withdrawn key signed, in a cache too', async () => {
    const { keys, issuer } = setUp();
    const clock = () => new Date(NOW * 1000);
    const cached = new CachedAccessTokenVerifier({
      verifier: verifierOf(keys),
      keys,
      clock,
      maxEntries: 10,
    });
    await keys.refresh();
    await cached.verify(mint());
    expect(cached.size).toBe(1);

    issuer.published = { keys: [second] };
    await keys.refresh();
    await expect(cached.verify(mint())).rejects.toMatchObject({ code: 'token_key_unknown' });
    expect(cached.size).toBe(0);
  });

  it('changes its version with its keys only', async () => {
    const { keys, issuer } = setUp();
    const versions: number[] = [];
    const sets = [[first], [first], [first, second], [second, first], [{ ...second, kid: KID }]];
    for (const published of sets) {
      issuer.published = { keys: published };
      await keys.refresh();
      versions.push(keys.version);
    }
    expect(versions).toEqual([1, 1, 2, 2, 3]);
  });

  describe('once started', () => {
    beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
    afterEach(() => jest.useRealTimers());

    it('refreshes on time until it is closed', async () => {
      const { keys, issuer } = setUp();
      await keys.start();
      await jest.advanceTimersByTimeAsync(REFRESH_MS * 3);
      expect(issuer.fetches).toBe(4);
      keys.close();
      await jest.advanceTimersByTimeAsync(REFRESH_MS * 3);
      expect(issuer.fetches).toBe(4);
      expect(jest.getTimerCount()).toBe(0);
    });

    it('tries again soon after a failure', async () => {
      const { keys, issuer } = setUp();
      issuer.failure = new Error('not yet');
      await keys.start();
      issuer.failure = undefined;
      await jest.advanceTimersByTimeAsync(INTERVAL_MS);
      expect(keys.isLoaded).toBe(true);
      keys.close();
    });

    it('schedules nothing when closed during the first fetch', async () => {
      const { keys } = setUp();
      const starting = keys.start();
      keys.close();
      await starting;
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});
