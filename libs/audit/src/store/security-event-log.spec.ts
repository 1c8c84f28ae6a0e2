import { PageRequestInvalid } from '@sallyport/persistence';
import { openChain, unchained, type ChainForTests } from '../audit.fixture';
import { ChainAppender } from './chain-appender';
import {
  parseSecurityEventPage,
  SecurityEventLog,
  type SecurityEventFilter,
} from './security-event-log';

describe('parseSecurityEventPage refuses', () => {
  it.each<readonly [pageSize: number, pageToken: string, code: string]>([
    [-1, '', 'page_size_out_of_range'],
    [201, '', 'page_size_out_of_range'],
    [0, '0', 'page_token_invalid'],
    [0, '-1', 'page_token_invalid'],
    [0, '01', 'page_token_invalid'],
    [0, '1.5', 'page_token_invalid'],
    [0, '1e3', 'page_token_invalid'],
    [0, ' 1', 'page_token_invalid'],
    [0, 'abc', 'page_token_invalid'],
    [0, '9'.repeat(16), 'page_token_invalid'],
  ])('a size of %d with the token %j', (pageSize, pageToken, code) => {
    const parse = () => parseSecurityEventPage({ pageSize, pageToken });
    expect(parse).toThrow(PageRequestInvalid);
    expect(parse).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('nothing else', () => {
    expect(parseSecurityEventPage({ pageSize: 0, pageToken: '' })).toEqual({ size: 50 });
    expect(parseSecurityEventPage({ pageSize: 200, pageToken: '7' })).toEqual({
      ...{ size: 200, before: 7 },
    });
  });
});

describe('SecurityEventLog', () => {
  let chain: ChainForTests;
  let log: SecurityEventLog;
  beforeAll(async () => {
    chain = await openChain();
    log = new SecurityEventLog(chain.db);
    await new ChainAppender(chain.db, () => new Date()).append([
      unchained('token_expired', { principal: 'u1' }),
      unchained('signed_in', { type: 'session', outcome: 'succeeded', principal: 'u2' }),
      { ...unchained('token_expired'), recorded_at: new Date('2026-11-27T00:00:00Z') },
    ]);
  });
  afterAll(() => chain.database.close());

  const seqs = async (filter: SecurityEventFilter) =>
    (await log.list(filter, { size: 10 })).events.map(({ seq }) => seq);

  it.each<readonly [SecurityEventFilter, number[]]>([
    [{ reason: 'other' }, []],
    [{ principal: `u1' OR '1' = '1` }, []],
    [{ type: 'session' }, [3]],
    [{ outcome: 'succeeded' }, [3, 1]],
    [{ reason: 'token_expired' }, [4, 2]],
    [{ principal: 'u1' }, [2]],
    [{ correlationId: 'c-signed_in' }, [3]],
    [{ principal: 'u1', type: 'session' }, []],
    [{ to: new Date('2026-11-26T10:00:00.123Z') }, []],
    [
      { from: new Date('2026-11-26T10:00:00.123Z'), to: new Date('2026-11-26T10:00:00.124Z') },
      [3, 2],
    ],
  ])('finds by %j', async (filter, expected) => {
    expect(await seqs(filter)).toEqual(expected);
  });

  it('gives pages, the newest first, that new rows do not move', async () => {
    const first = await log.list({}, { size: 2 });
    expect(first.events.map(({ seq }) => seq)).toEqual([4, 3]);
    expect(first.nextPageToken).toBe('3');
    await new ChainAppender(chain.db, () => new Date()).append([unchained('new')]);
    const second = await log.list({}, { size: 2, before: 3 });
    expect(second.events.map(({ seq }) => seq)).toEqual([2, 1]);
    expect(second.nextPageToken).toBe('');
  });
});
