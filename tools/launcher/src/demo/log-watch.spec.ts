import type { LogLine } from '../cluster/service-log';
import { LogWatch } from './log-watch';

describe('LogWatch', () => {
  let lines: LogLine[];
  const cluster = { logs: () => lines };
  const refused = (reason: string): LogLine => ({ event: 'security', outcome: 'refused', reason });

  beforeEach(() => {
    lines = [refused('earlier'), { event: 'handled', target: 'earlier' }];
  });

  it('sees what is logged after it was made, and only that', async () => {
    const watch = new LogWatch(cluster, ['gateway']);
    expect(watch.handled()).toEqual([]);

    setTimeout(() => lines.push(refused('token_expired')), 30);
    lines.push({ event: 'handled', target: 'GET /orders' });

    expect(await watch.refusal()).toBe('token_expired');
    expect(watch.handled()).toEqual(['GET /orders']);
  });
});
