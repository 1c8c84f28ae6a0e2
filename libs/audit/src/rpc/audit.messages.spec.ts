import type { auditV1 } from '@sallyport/contracts';
import { openChain } from '../audit.fixture';
import { SecurityEventLog } from '../store/security-event-log';
import { answerList } from './answer-list';
import { parseFilter } from './audit.messages';

const request = (
  fields: Partial<auditV1.ListSecurityEventsRequest>,
): auditV1.ListSecurityEventsRequest => ({
  ...{ pageSize: 0, pageToken: '', type: '', outcome: '', reason: '', principal: '' },
  ...{ correlationId: '', from: undefined, to: undefined, ...fields },
});

describe('parseFilter refuses', () => {
  it.each<Partial<auditV1.ListSecurityEventsRequest>>([
    { type: 'token\0' },
    { outcome: '\0' },
    { reason: 'a\nb' },
    { principal: 'a\0b' },
    { principal: 'a\x7f' },
    { principal: 'a\x85' },
    { correlationId: 'c-12345678\r' },
    { from: new Date(Number.NaN) },
    { to: new Date(Number.NaN) },
  ])('%j', (fields) => {
    expect(() => parseFilter(request(fields))).toThrow(
      expect.objectContaining({ status: 'INVALID_ARGUMENT', reason: 'filter_invalid' }) as Error,
    );
  });

  it('before the database is asked', async () => {
    const { database, db } = await openChain();
    const log = new SecurityEventLog(db);
    const ask = (principal: string) => answerList(log, request({ principal }));
    await expect(ask('a\0b')).rejects.toMatchObject({ reason: 'filter_invalid' });
    expect(await ask('a b')).toEqual({ events: [], nextPageToken: '' });
    await database.close();
  });

  it('nothing else', () => {
    const from = new Date(0);
    expect(parseFilter(request({ principal: 'ü "1" – \u{1f511}', from }))).toEqual({
      ...{ principal: 'ü "1" – \u{1f511}', from },
    });
  });
});
