import { reportRounds } from './report';

const result = (requestsPerSecond: number) => ({ requestsPerSecond, p50: 10, p99: 20, failed: 0 });

describe('reportRounds', () => {
  it('takes the ratio pair by pair, so that a slow pair does not shift it', () => {
    const table = reportRounds([
      { gateway: result(500), bare: result(1000) },
      { gateway: result(50), bare: result(100) },
      { gateway: result(400), bare: result(1000) },
    ]);
    expect(table).toMatch(/requests\/s \| 400 +\| 1000 +\| 0\.50 /);
  });
});
