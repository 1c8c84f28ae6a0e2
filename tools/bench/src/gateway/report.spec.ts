import { reportRounds } from './report';

const result = (requestsPerSecond: number) => ({ requestsPerSecond, p50: 10, p99: 20, failed: 0 });

describe('reportRounds', () => {
  it('takes the ratio pair by pair, so that a slow pair does not shift it', () => {
    const table = reportRounds({ measured: 'gateway', yardstick: 'bare' }, [
      { measured: result(500), yardstick: result(1000) },
      { measured: result(50), yardstick: result(100) },
      { measured: result(400), yardstick: result(1000) },
    ]);
    expect(table).toMatch(/^\| +\| gateway \| bare +\| ratio \|/);
    expect(table).toMatch(/requests\/s \| 400 +\| 1000 +\| 0\.50 /);
  });
});
