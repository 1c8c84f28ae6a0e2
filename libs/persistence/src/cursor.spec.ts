import fc from 'fast-check';
import { CursorInvalid, decodeCursor, encodeCursor } from './cursor';

const id = '0b7cf6a5-6c1d-4b0e-9f3a-2f0d8a7b1c2d';
const token = encodeCursor({ createdAt: new Date('2026-01-02T03:04:05.678Z'), id });

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

describe('decodeCursor refuses', () => {
  it.each([
    ['nothing', ''],
    ['other characters', '%%%'],
    ['padding', `${token}=`],
    ['white space', ` ${token}`],
    ['plain base64', Buffer.from(`0.${id}`).toString('base64').replace(/=*$/, '+')],
    ['a place without an id', encoded('1767323045678.')],
    ['a place without a time', encoded(`.${id}`)],
    ['a time that is none', encoded(`x.${id}`)],
    ['a time with a leading zero', encoded(`01.${id}`)],
    ['a time before 1970', encoded(`-1.${id}`)],
    ['a time of more digits than this system will see', encoded(`99999999999999.${id}`)],
    ['an id that is no UUID', encoded(`1.' OR true --`)],
    ['an id in upper case', encoded(`1.${id.toUpperCase()}`)],
    ['more than a place', encoded(`1.${id}.2`)],
    ['a line break at the end', encoded(`1.${id}\n`)],
    ['something long', 'A'.repeat(100_000)],
  ])('%s', (_case, presentedToken) => {
    expect(() => decodeCursor(presentedToken)).toThrow(CursorInvalid);
  });

  it('any text', () => {
    fc.assert(
      fc.property(fc.string(), (presentedToken) => {
        expect(() => decodeCursor(presentedToken)).toThrow(CursorInvalid);
      }),
    );
  });

  it('a token with one character altered, or takes it for the other place it spells', () => {
    fc.assert(
      fc.property(
        fc.nat(token.length - 1),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, character) => {
          const altered = token.slice(0, at) + character + token.slice(at + 1);
          try {
            expect(encodeCursor(decodeCursor(altered))).toBe(altered);
          } catch (error) {
            expect(error).toBeInstanceOf(CursorInvalid);
          }
        },
      ),
    );
  });
});

describe('encodeCursor', () => {
  it.each([
    ['a time that is none', { createdAt: new Date(Number.NaN), id }],
    ['a time before 1970', { createdAt: new Date(-1), id }],
    ['an id that is no UUID', { createdAt: new Date(), id: '17' }],
  ])('refuses %s', (_case, cursor) => {
    expect(() => encodeCursor(cursor)).toThrow(TypeError);
  });

  it('makes a token that goes into a URL as it is and stands for the same place', () => {
    const cursors = fc.record({
      createdAt: fc.date({ min: new Date(0), noInvalidDate: true, max: new Date('2200-01-01') }),
      id: fc.uuid(),
    });
    fc.assert(
      fc.property(cursors, (cursor) => {
        const made = encodeCursor(cursor);
        expect(made).toMatch(/^[\w-]{1,80}$/);
        expect(decodeCursor(made)).toEqual(cursor);
      }),
    );
  });
});
