import { SampledValues } from './sampled-values';

function setUp(answers: readonly (() => Promise<number>)[]) {
  const clock = { now: 0 };
  const asked: number[] = [];
  const values = new SampledValues(
    () => {
      asked.push(clock.now);
      const answer = answers[asked.length - 1] ?? answers.at(-1);
      return answer ? answer() : Promise.reject(new Error('no more answers'));
    },
    () => clock.now,
  );
  return { values, asked, clock };
}

it('says that nothing is known while the question fails', async () => {
  const { values } = setUp([() => Promise.reject(new Error('the database is gone'))]);
  await expect(values.read()).resolves.toBeUndefined();
});

it('asks once for any number of readers within ten seconds', async () => {
  const { values, asked, clock } = setUp([() => Promise.resolve(7)]);
  const together = await Promise.all([values.read(), values.read(), values.read()]);
  clock.now = 9_999;
  expect([...together, await values.read()]).toEqual([7, 7, 7, 7]);
  expect(asked).toEqual([0]);
});

it('asks again after ten seconds', async () => {
  const { values, asked, clock } = setUp([() => Promise.resolve(7), () => Promise.resolve(8)]);
  await values.read();
  clock.now = 10_000;
  await expect(values.read()).resolves.toBe(8);
  expect(asked).toEqual([0, 10_000]);
});
