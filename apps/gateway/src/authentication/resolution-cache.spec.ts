import { ResolutionCache } from './resolution-cache';

interface Key {
  readonly id: string;
  readonly owner: string;
}

const MINUTE = 60_000;

function cacheAt(start = 0) {
  const clock = { now: start };
  const asked: string[] = [];
  const answers = new Map<string, Key>();
  const cache = new ResolutionCache<Key>({
    maxEntries: 3,
    rememberMs: MINUTE,
    rememberMissMs: MINUTE / 2,
    idsOf: ({ id, owner }) => [id, owner],
    monotonicNow: () => clock.now,
  });
  const ask = (credential: string) =>
    cache.resolve(credential, () => {
      asked.push(credential);
      return Promise.resolve(answers.get(credential));
    });
  return { cache, clock, asked, answers, ask };
}

describe('ResolutionCache', () => {
  it('asks once for a known credential, and again when its time is over', async () => {
    const { ask, asked, answers, clock } = cacheAt();
    answers.set('a', { id: '1', owner: 'ada' });
    await expect(ask('a')).resolves.toEqual({ id: '1', owner: 'ada' });
    clock.now = MINUTE - 1;
    await ask('a');
    expect(asked).toEqual(['a']);
    clock.now = MINUTE;
    await ask('a');
    expect(asked).toEqual(['a', 'a']);
  });

  it('remembers that a credential stands for nothing, for a shorter time', async () => {
    const { ask, asked, clock } = cacheAt();
    await expect(ask('a')).resolves.toBeUndefined();
    clock.now = MINUTE / 2 - 1;
    await ask('a');
    expect(asked).toEqual(['a']);
    clock.now = MINUTE / 2;
    await ask('a');
    expect(asked).toEqual(['a', 'a']);
  });

  it('asks once for requests at the same time', async () => {
    const { ask, asked, answers } = cacheAt();
    answers.set('a', { id: '1', owner: 'ada' });
    const found = await Promise.all([ask('a'), ask('a'), ask('a')]);
    expect(found).toEqual(Array(3).fill({ id: '1', owner: 'ada' }));
    expect(asked).toEqual(['a']);
  });

  it('does not remember a failure', async () => {
    const { cache, ask, answers } = cacheAt();
    const gone = new Error('gone');
    await expect(cache.resolve('a', () => Promise.reject(gone))).rejects.toBe(gone);
    answers.set('a', { id: '1', owner: 'ada' });
    await expect(ask('a')).resolves.toEqual({ id: '1', owner: 'ada' });
  });

  it.each(['1', 'ada'])('forgets all that %s ends, and nothing else', async (id) => {
    const { ask, asked, answers, cache } = cacheAt();
    answers.set('a', { id: '1', owner: 'ada' });
    answers.set('b', { id: '2', owner: 'bob' });
    await Promise.all([ask('a'), ask('b')]);
    cache.forget(id);
    await Promise.all([ask('a'), ask('b')]);
    expect(asked).toEqual(['a', 'b', 'a']);
  });

  it('does not remember an answer that was on its way when something was forgotten', async () => {
    const { cache, ask, asked } = cacheAt();
    let answer: (key: Key) => void = () => undefined;
    const slow = cache.resolve('a', () => new Promise<Key>((resolve) => (answer = resolve)));
    cache.forget('1');
    // Whoever comes now does not wait for the old answer either.
    await expect(ask('a')).resolves.toBeUndefined();
    answer({ id: '1', owner: 'ada' });
    await slow;
    await expect(ask('a')).resolves.toBeUndefined();
    expect(asked).toEqual(['a']);
  });

  it('forgets the one it has known longest when it is full; made-up credentials push out none', async () => {
    const { ask, asked, answers, cache } = cacheAt();
    for (const credential of ['a', 'b', 'c'])
      answers.set(credential, { id: credential, owner: 'ada' });
    for (const credential of ['a', 'b', 'c', 'x1', 'x2', 'x3', 'x4']) await ask(credential);
    expect(cache.sizes).toEqual({ known: 3, misses: 3 });
    asked.length = 0;
    for (const credential of ['a', 'b', 'c']) await ask(credential);
    expect(asked).toEqual([]);
    answers.set('d', { id: 'd', owner: 'ada' });
    await ask('d');
    await ask('a');
    expect(asked).toEqual(['d', 'a']);
    expect(cache.sizes.known).toBe(3);
  });

  it('keeps no id of what it has forgotten', async () => {
    const { ask, asked, answers, cache } = cacheAt();
    answers.set('a', { id: '1', owner: 'ada' });
    answers.set('b', { id: '2', owner: 'ada' });
    await Promise.all([ask('a'), ask('b')]);
    cache.forget('1');
    cache.forget('ada');
    expect(cache.sizes.known).toBe(0);
    await Promise.all([ask('a'), ask('b')]);
    expect(asked).toHaveLength(4);
  });

  it.each([0, 1.5, Number.NaN])('refuses a size of %s', (maxEntries) => {
    expect(
      () => new ResolutionCache({ maxEntries, rememberMs: 1, rememberMissMs: 1, idsOf: () => [] }),
    ).toThrow(TypeError);
  });
});
