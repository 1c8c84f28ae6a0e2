import { RememberedMisses } from './remembered-misses';

describe('RememberedMisses', () => {
  it('forgets the oldest beyond its bound', () => {
    const misses = new RememberedMisses(1_000, 2);
    for (const name of ['a', 'b', 'a', 'c']) misses.remember(name, 0);
    expect(['a', 'b', 'c'].map((name) => misses.includes(name, 0))).toEqual([true, false, true]);
  });

  it('forgets after its time', () => {
    const misses = new RememberedMisses(1_000, 2);
    misses.remember('a', 0);
    expect(misses.includes('a', 999)).toBe(true);
    expect(misses.includes('a', 1_000)).toBe(false);
  });
});
