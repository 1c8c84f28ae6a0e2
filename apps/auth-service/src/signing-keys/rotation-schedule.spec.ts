import { dueTransition } from './rotation-schedule';
import type { SigningKeyRecord, SigningKeyState } from './signing-key-record';

const POLICY = {
  lifetimeSeconds: 1000,
  publishAheadSeconds: 100,
  verifiesAfterRetirementSeconds: 1,
};
const NOW = new Date('2030-01-01T00:00:00Z');

const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);

function key(state: SigningKeyState, createdAt: Date, activatedAt?: Date): SigningKeyRecord {
  const over = { retiredAt: undefined, verifiesUntil: undefined, taintedAt: undefined };
  return { kid: state, state, createdAt, activatedAt, ...over };
}

const signingFor = (seconds: number): SigningKeyRecord => key('active', ago(5000), ago(seconds));
const publishedFor = (seconds: number): SigningKeyRecord => key('prepared', ago(seconds));

describe('the schedule', () => {
  it.each<[string, ReturnType<typeof dueTransition>, readonly SigningKeyRecord[]]>([
    ['nothing while no key signs', undefined, [publishedFor(5000), key('retired', ago(9000))]],
    ['the next key as soon as none is prepared', 'prepare', [signingFor(0)]],
    ['the next key when that is late', 'prepare', [signingFor(5000), key('tainted', ago(10))]],
    ['nothing when it is prepared', undefined, [signingFor(999.999), publishedFor(100)]],
    ['no early key before its time', undefined, [signingFor(10), publishedFor(5000)]],
    ['the next key in its time', 'activate', [signingFor(1000), publishedFor(100)]],
    ['no key that is hardly known', undefined, [signingFor(5000), publishedFor(99.999)]],
    ['nothing while its clock is behind', undefined, [signingFor(-5), publishedFor(-5)]],
    [
      'the next key by the age of one that does not say when it began',
      'activate',
      [key('active', ago(1000)), publishedFor(100)],
    ],
  ])('asks for %s', (_name, due, keys) => {
    expect(dueTransition(keys, NOW, POLICY)).toBe(due);
  });
});
