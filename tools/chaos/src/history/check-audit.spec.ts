import { checkAudit } from './check-audit';
import type { Audit } from './final-state';

const SOUND: Audit = {
  service: 'gateway',
  fault: undefined,
  logged: [
    { id: 'token refused a', at: 10_000 },
    { id: 'token refused a', at: 11_000 },
    { id: 'session succeeded b', at: 60_000 },
  ],
  stored: ['token refused a', 'token refused a', 'session succeeded b'],
  accountedLost: 0,
  killedAt: [],
};
const OUTAGES = [{ from: 9_000, to: 20_000 }];

const told = (changes: Partial<Audit>): readonly string[] =>
  checkAudit([{ ...SOUND, ...changes }], OUTAGES).map(({ detail }) => detail);

const LOST = 'gateway: an event is in its log and not in its chain';

describe('an audit log', () => {
  it('that is broken is told of', () => {
    expect(told({ fault: 'altered at 3' })).toEqual(['gateway: its chain is broken: altered at 3']);
  });

  it('that lacks an event, or one of two alike, is told of', () => {
    expect(told({ stored: ['token refused a', 'token refused a'] })).toEqual([LOST]);
    expect(told({ stored: ['token refused a', 'session succeeded b'] })).toEqual([LOST]);
  });

  it('that lacks an event from long before its process was killed is told of', () => {
    expect(told({ stored: ['token refused a', 'token refused a'], killedAt: [70_000] })).toEqual([
      LOST,
    ]);
  });

  it('that holds everything is sound', () => {
    expect(told({})).toEqual([]);
  });

  it('may lack what its process had in memory when it was killed', () => {
    const stored = ['token refused a', 'token refused a'];
    expect(told({ stored, killedAt: [61_000] })).toEqual([]);
    // While nothing could be appended, all of the outage.
    expect(told({ stored: ['session succeeded b'], killedAt: [19_500] })).toEqual([]);
  });

  it('may lack what it accounts for', () => {
    expect(told({ stored: ['session succeeded b'], accountedLost: 2 })).toEqual([]);
  });
});
