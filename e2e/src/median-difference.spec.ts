import { median, medianDifferenceLikelihood } from './median-difference';

/** mulberry32: the same numbers each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Latencies as a busy machine has them: most near the middle, some far above. */
function sample(random: () => number, shiftMs: number): readonly number[] {
  return Array.from({ length: 30 }, () => {
    const slow = random() < 0.1 ? 40 * random() : 0;
    return 15 + 6 * random() + slow + shiftMs;
  });
}

describe('medianDifferenceLikelihood', () => {
  it.each([5, 10, 30])('tells a difference of %d ms, less than a hash takes', (shiftMs) => {
    const random = seeded(7);
    const likelihood = medianDifferenceLikelihood(
      sample(random, 0),
      sample(random, shiftMs),
      random,
    );
    expect(likelihood).toBeLessThan(0.001);
  });

  it('sees none where there is none', () => {
    const random = seeded(7);
    const likelihoods = Array.from({ length: 20 }, () =>
      medianDifferenceLikelihood(sample(random, 0), sample(random, 0), random),
    );
    expect(Math.min(...likelihoods)).toBeGreaterThan(0.001);
  });

  it('knows the middle of odd and even samples', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });
});
