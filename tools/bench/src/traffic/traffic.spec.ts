import { Traffic } from './traffic';
import { failuresOf, trafficRow } from './traffic-table';

it('keeps count of what failed and of what, until it is asked', async () => {
  const traffic = new Traffic();
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  expect(await traffic.count(() => Promise.resolve('answer'))).toBe('answer');
  for (const error of [refused, new Error('answered 401'), refused]) {
    expect(await traffic.count(() => Promise.reject<string>(error))).toBeUndefined();
  }

  const report = traffic.takeReport();
  expect(report).toMatchObject({
    requests: 4,
    failures: { ECONNREFUSED: 2, 'answered 401': 1 },
  });
  expect(failuresOf(report)).toBe(3);
  expect(trafficRow('reads', report)).toContain('2× ECONNREFUSED, 1× answered 401');
  expect(traffic.takeReport()).toMatchObject({ requests: 0, failures: {} });
});
