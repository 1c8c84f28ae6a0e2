import { GATEWAY, mintAuthority, mintContext, ORDERS } from './certificate.fixture';
import { StaticSvidSource, type WorkloadContext } from './svid.source';

describe('StaticSvidSource', () => {
  it('tells its subscribers of a replacement until they leave', async () => {
    const root = await mintAuthority();
    const [first, second] = [await mintContext(ORDERS, root), await mintContext(GATEWAY, root)];
    const source = new StaticSvidSource(first);
    const seen: WorkloadContext[] = [];
    const listener = (context: WorkloadContext): void => void seen.push(context);
    const [leave, leaveAgain] = [source.subscribe(listener), source.subscribe(listener)];

    source.replace(second);
    leave();
    source.replace(first);
    leaveAgain();
    source.replace(second);
    expect(seen).toEqual([second, second, first]);
    expect(source.current()).toBe(second);
  });
});
