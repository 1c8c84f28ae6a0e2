import { RecordedSecurityEvents } from '@sallyport/testing';
import { SparseEvents } from './sparse-events';

const event = (principal: string) =>
  ({ type: 'request', outcome: 'refused', reason: 'rate_limited', principal }) as const;

function setUp() {
  const time = { ms: 0 };
  const events = new RecordedSecurityEvents();
  return { time, events, sparse: new SparseEvents(events, () => time.ms) };
}

it('records a key once a minute', () => {
  const { time, events, sparse } = setUp();
  for (const ms of [0, 59_999, 60_000]) {
    time.ms = ms;
    sparse.record('alice', event('alice'));
  }
  expect(events.all).toHaveLength(2);
});

it('records what comes after a thousand others', () => {
  const { events, sparse } = setUp();
  for (let index = 0; index < 1_000; index += 1) sparse.record(`key-${index}`, event('other'));
  sparse.record('alice', event('alice'));
  sparse.record('alice', event('alice'));
  expect(events.all.slice(1_000)).toEqual([event('alice')]);
});
