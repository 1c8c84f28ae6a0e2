import fc from 'fast-check';
import { encodeEntry, parseEntry, type FeedEntry } from './feed-entry';
import type { Revocation } from './revocation';

const id = fc.stringMatching(/^[\x21-\x7e]{1,255}$/);
const moment = fc.nat(4_000_000_000);

const revocation: fc.Arbitrary<Revocation> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('token', 'session', 'api_key', 'certificate', 'signing_key'),
    id,
    expiresAt: moment,
  }),
  fc.record({
    kind: fc.constantFrom('subject', 'client'),
    id,
    expiresAt: moment,
    issuedBefore: moment,
  }),
);
const heartbeat = fc.record({ kind: fc.constant('heartbeat' as const), completeAt: moment });

describe('parseEntry refuses', () => {
  it.each<[string, string[]]>([
    ['an unknown kind', ['account', 'a 1']],
    ['no field', []],
    ['a field without a value', ['session']],
    ['two fields', ['session', 'a 1', 'session', 'b 1']],
    ['an empty id', ['session', ' 1']],
    ['no end', ['session', 'a']],
    ['an end that is no number', ['session', 'a soon']],
    ['a negative end', ['session', 'a -1']],
    ['an end in another spelling', ['session', 'a 01']],
    ['an end too large to be exact', ['session', 'a 99999999999999999']],
    ['an epoch where there is none', ['session', 'a 1 1']],
    ['no epoch where there has to be one', ['subject', 'a 1']],
    ['an epoch that is no number', ['client', 'a 1 x']],
    ['something after the epoch', ['subject', 'a 1 1 1']],
    ['a heartbeat without a moment', ['heartbeat', '']],
    ['a member of every object', ['constructor', 'a 1']],
  ])('%s', (_, fields) => {
    expect(parseEntry(fields)).toBeUndefined();
  });

  it('any other text, and throws nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 4 }), (fields) => {
        const entry = parseEntry(fields);
        if (entry !== undefined) expect(encodeEntry(entry)).toEqual(fields);
      }),
    );
  });
});

describe('encodeEntry', () => {
  it.each(['', 'with space', 'line\nbreak', 'ümlaut', 'x'.repeat(256)])(
    'refuses the id %j, which could not be read back',
    (unfit) => {
      const entry: FeedEntry = { kind: 'token', id: unfit, expiresAt: 1 };
      expect(() => encodeEntry(entry)).toThrow(TypeError);
    },
  );

  it('writes what parseEntry reads', () => {
    fc.assert(
      fc.property(fc.oneof(revocation, heartbeat), (entry) => {
        expect(parseEntry(encodeEntry(entry))).toEqual(entry);
      }),
    );
  });
});
