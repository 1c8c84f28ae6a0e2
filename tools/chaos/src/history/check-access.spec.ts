import { checkCleanRefusals, checkProbes, checkRevoked, checkSessions } from './check-access';
import type { Refresh } from './history';

const BOUND_MS = 2_000;
const GRACE_MS = 10_000;

describe('a revoked credential', () => {
  const revocations = [{ credential: 'session 1', by: 'logging out', at: 1_000 }];
  const presented = (sentAt: number, isAccepted: boolean, credential = 'session 1') =>
    checkRevoked({ revocations, presentations: [{ credential, sentAt, isAccepted }] }, BOUND_MS);

  it('that is accepted later than the bound is told of', () => {
    expect(presented(3_001, true)).toMatchObject([
      { invariant: 'revoked is refused within the bound', at: 3_001 },
    ]);
  });

  it('may be accepted within the bound, be refused, or be another', () => {
    expect(presented(3_000, true)).toEqual([]);
    expect(presented(9_000, false)).toEqual([]);
    expect(presented(9_000, true, 'session 2')).toEqual([]);
  });
});

describe('a probe', () => {
  it.each([200, 201, 204, 302])('that is answered %d is told of', (status) => {
    const probes = [{ name: 'the order of somebody else', sentAt: 5, status }];
    expect(checkProbes({ probes })).toMatchObject([{ invariant: 'nothing authorised wrongly' }]);
  });

  it.each([0, 400, 401, 403, 404, 429, 503])('may be answered %d', (status) => {
    expect(checkProbes({ probes: [{ name: 'any', sentAt: 5, status }] })).toEqual([]);
  });
});

describe('a session', () => {
  const chain = (...steps: readonly [number, number, Refresh['outcome']][]) =>
    checkSessions(
      {
        refreshes: steps.map(([generation, sentAt, outcome]) => ({
          session: '1',
          generation,
          sentAt,
          answeredAt: sentAt + 10,
          outcome,
        })),
      },
      GRACE_MS,
    ).map(({ detail }) => detail);

  it('that is refused though all its refreshes were answered is told of', () => {
    expect(chain([0, 0, 'exchanged'], [1, 100, 'refused'])).toEqual([
      'a refresh was refused though none before it was left unanswered',
    ]);
  });

  it('that is refused the repetition of a lost refresh within the grace is told of', () => {
    expect(chain([0, 0, 'unknown'], [0, 9_000, 'refused'])).toEqual([
      'the repetition of a refresh was refused within the grace',
    ]);
  });

  it('may go on, or be refused a repetition after the grace', () => {
    expect(chain([0, 0, 'exchanged'], [1, 100, 'unknown'], [1, 200, 'exchanged'])).toEqual([]);
    expect(chain([0, 0, 'unknown'], [0, 10_500, 'refused'])).toEqual([]);
  });

  it('may be refused where an older lost request arrives late', () => {
    expect(chain([0, 0, 'unknown'], [0, 50, 'exchanged'], [1, 900, 'refused'])).toEqual([]);
  });
});

describe('an answer', () => {
  const answered = (status: number) =>
    checkCleanRefusals({
      requests: [{ operation: 'login', sentAt: 1, answeredAt: 2, status, code: undefined }],
    });

  it.each([500, 502])('of %d is told of', (status) => {
    expect(answered(status)).toMatchObject([{ invariant: 'refusals are clean' }]);
  });

  it.each([0, 200, 401, 429, 503, 504])('of %d is clean', (status) => {
    expect(answered(status)).toEqual([]);
  });
});
