import { FakeCa } from '@sallyport/testing';
import type { WorkloadContext } from '@sallyport/workload-identity';
import { KnownIntermediates } from './known-intermediates';

async function contextOf(ca: FakeCa): Promise<WorkloadContext> {
  return (await ca.source('orders-service')).current();
}

const intermediateOf = ({ svid }: WorkloadContext): Buffer | undefined => svid.chain[1];

it('completes a leaf that was shown alone, with the latest intermediate first', async () => {
  const [before, after] = [
    await contextOf(await FakeCa.create()),
    await contextOf(await FakeCa.create()),
  ];
  const known = new KnownIntermediates();
  known.note(before);
  known.note(after);
  const leaf = Buffer.from('leaf');
  expect(known.completionsOf([leaf])).toEqual([
    [leaf],
    [leaf, intermediateOf(after)],
    [leaf, intermediateOf(before)],
  ]);
});

it('leaves a chain that was shown whole as it is', async () => {
  const context = await contextOf(await FakeCa.create());
  const known = new KnownIntermediates();
  known.note(context);
  expect(known.completionsOf(context.svid.chain)).toEqual([context.svid.chain]);
});

it('remembers eight, the latest', async () => {
  const contexts: WorkloadContext[] = [];
  for (let each = 0; each < 10; each += 1) contexts.push(await contextOf(await FakeCa.create()));
  const known = new KnownIntermediates();
  for (const context of contexts) known.note(context);
  const completions = known.completionsOf([Buffer.from('leaf')]).slice(1);
  expect(completions.map(([, intermediate]) => intermediate)).toEqual(
    contexts.slice(2).reverse().map(intermediateOf),
  );
});
