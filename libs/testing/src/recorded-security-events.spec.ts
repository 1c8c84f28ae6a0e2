import { RecordedSecurityEvents } from './recorded-security-events';

describe('RecordedSecurityEvents', () => {
  it('keeps events in order, as they were, until it is cleared', () => {
    const events = new RecordedSecurityEvents();
    const refusal = { type: 'token', outcome: 'refused', reason: 'token_expired' };
    events.record(refusal as never);
    events.record({ type: 'session', outcome: 'succeeded', reason: 'signed_in' });
    refusal.reason = 'changed later';
    expect(events.all.map(({ reason }) => reason)).toEqual(['token_expired', 'signed_in']);
    expect(events.refusals).toEqual(['token_expired']);
    events.clear();
    expect(events.all).toEqual([]);
  });
});
