const SHUFFLES = 4_000;

/**
 * How likely two samples that come from one distribution differ in their medians at least as much as these do: a permutation
 * test. A small value says that who measures can tell them apart.
 *
 * @param random gives numbers from 0 on, below 1
 */
export function medianDifferenceLikelihood(
  one: readonly number[],
  other: readonly number[],
  random: () => number = Math.random,
): number {
  const observed = Math.abs(median(one) - median(other));
  const all = [...one, ...other];
  let asMuch = 0;
  for (let shuffle = 0; shuffle < SHUFFLES; shuffle += 1) {
    shuffleInPlace(all, random);
    const difference = Math.abs(median(all.slice(0, one.length)) - median(all.slice(one.length)));
    if (difference >= observed) asMuch += 1;
  }
  return asMuch / SHUFFLES;
}

export function median(sample: readonly number[]): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** Fisher and Yates. */
function shuffleInPlace(values: number[], random: () => number): void {
  for (let last = values.length - 1; last > 0; last -= 1) {
    const picked = Math.floor(random() * (last + 1));
    [values[last], values[picked]] = [values[picked] ?? NaN, values[last] ?? NaN];
  }
}

/**
 * Times two kinds of attempts in turns, so that whatever else happens on the machine happens to both. Milliseconds.
 */
export async function timedInTurns(
  count: number,
  one: (index: number) => Promise<unknown>,
  other: (index: number) => Promise<unknown>,
): Promise<readonly [one: readonly number[], other: readonly number[]]> {
  const times: [number[], number[]] = [[], []];
  for (let index = 0; index < count; index += 1) {
    // Either goes first as often as the other.
    const kinds = index % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const kind of kinds) {
      const startedAt = performance.now();
      await [one, other][kind]?.(index);
      times[kind].push(performance.now() - startedAt);
    }
  }
  return times;
}
