import { createLogger } from '@sallyport/observability';
import { revocationFeedLog } from './revocation-feed.log';

function setUp() {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    service: 'gateway',
    level: 'info',
    destination: {
      write: (line) => {
        const { level, event, position, error } = JSON.parse(line);
        lines.push({ level, event, position, message: error?.message });
      },
    },
  });
  const time = { ms: 0 };
  return { lines, time, log: revocationFeedLog(logger, () => time.ms) };
}

it('tells of a feed that is away once in 30 seconds, however often it is tried', () => {
  const { lines, time, log } = setUp();
  for (; time.ms < 60_000; time.ms += 500) log.onConnectionFailed(new Error('ECONNREFUSED'));
  const line = { level: 'warn', event: 'revocation_feed_unreachable', message: 'ECONNREFUSED' };
  expect(lines).toEqual([line, line]);
});

it('tells of each change between current and stale', () => {
  const { lines, log } = setUp();
  for (const isCurrent of [true, false, true]) log.onCurrentChanged(isCurrent);
  const current = { level: 'info', event: 'revocation_feed_current' };
  expect(lines).toEqual([current, { level: 'error', event: 'revocation_feed_stale' }, current]);
});

it('tells where an entry stands that it does not understand', () => {
  const { lines, log } = setUp();
  log.onEntryRefused('7-0');
  expect(lines).toEqual([{ level: 'error', event: 'revocation_entry_refused', position: '7-0' }]);
});
