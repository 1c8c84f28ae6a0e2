import { runWithCorrelation } from '@sallyport/observability';
import { RecordedSecurityEvents } from '@sallyport/testing';
import { CorrelatedSecurityEvents } from './correlated.security-events';

describe('CorrelatedSecurityEvents', () => {
  const event = { type: 'session', outcome: 'succeeded', reason: 'logged_out' } as const;

  it('adds the id of the call being handled', () => {
    const recorded = new RecordedSecurityEvents();
    const events = new CorrelatedSecurityEvents(recorded);
    events.record(event);
    runWithCorrelation('the-call-being-handled', () => {
      events.record(event);
    });
    expect(recorded.all).toEqual([event, { ...event, correlationId: 'the-call-being-handled' }]);
  });
});
