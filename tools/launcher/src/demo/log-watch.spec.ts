import type { LogLine } from '../cluster/service-log';
import { LogWatch } from './log-watch';

describe('LogWatch', () => {
  let lines: LogLine[];
  const cluster = { logs: () => lines };
  const line = (fields: LogLine): LogLine => ({ time: new Date().toISOString(), ...fields });
  const refused = (reason: string): LogLine =>
    line({ event: 'security', outcome: 'refused', reason });

  beforeEach(() => {
    lines = [];
  });

  it('does not see what happened before, even when it is written late', async () => {
    const earlier = [refused('earlier'), line({ event: 'handled', target: 'earlier' })];
    const watch = await LogWatch.begin(cluster, ['gateway']);
    lines.push(...earlier, refused('token_expired'));

    expect(await watch.refusal()).toBe('token_expired');
    expect(await watch.handled()).toEqual([]);
  });

  it('waits for what is written a little later', async () => {
    const watch = await LogWatch.begin(cluster, ['gateway']);
    setTimeout(() => {
      lines.push(refused('token_expired'));
      lines.push(line({ event: 'handled', target: 'GET /orders' }));
    }, 30);

    expect(await watch.refusal()).toBe('token_expired');
    expect(await watch.handled()).toEqual(['GET /orders']);
  });
});
