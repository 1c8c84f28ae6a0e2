import { RepeatedPasses } from './repeated-passes';

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await tick();
}

describe('RepeatedPasses', () => {
  it('does pass after pass, never two at once, with the pause it is told each time', async () => {
    let [running, most, count, asked] = [0, 0, 0, 0];
    const passes = new RepeatedPasses(
      async () => {
        running += 1;
        most = Math.max(most, running);
        await tick();
        running -= 1;
        count += 1;
      },
      () => {
        asked += 1;
        return 0;
      },
    );
    passes.start();
    await until(() => count >= 3);
    await passes.stop();
    expect(most).toBe(1);
    expect(asked).toBeGreaterThanOrEqual(count);
    const before = count;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(count).toBe(before);
  });

  it('waits for the pass under way when it stops, and tells it so', async () => {
    const seen: boolean[] = [];
    let isUnderWay = false;
    const passes: RepeatedPasses = new RepeatedPasses(
      async () => {
        isUnderWay = true;
        while (!passes.isStopped) await tick();
        seen.push(passes.isStopped);
      },
      () => 0,
    );
    passes.start();
    await until(() => isUnderWay);
    await passes.stop();
    expect(seen).toEqual([true]);
  });

  it('does nothing when it stops before the first pass', async () => {
    let count = 0;
    const passes = new RepeatedPasses(
      async () => {
        count += 1;
      },
      () => 1,
    );
    passes.start();
    await passes.stop();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(count).toBe(0);
  });
});
