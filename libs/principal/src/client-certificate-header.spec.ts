import fc from 'fast-check';
import {
  encodeClientCertificate,
  LONGEST_CLIENT_CERTIFICATE,
  parseClientCertificate,
} from './client-certificate-header';

const bytes = Buffer.from('a certificate');
const written = encodeClientCertificate(bytes);
const base64 = bytes.toString('base64');

describe('parseClientCertificate', () => {
  it.each<[what: string, values: readonly string[]]>([
    ['nothing', []],
    ['an empty value', ['']],
    ['an empty sequence', ['::']],
    ['two values', [written, written]],
    ['two values in one', [`${written}, ${written}`]],
    ['base64 without colons', [base64]],
    ['one colon', [`:${base64}`]],
    ['a parameter', [`${written};a=1`]],
    ['blanks', [` ${written}`]],
    ['a blank inside', [`:${base64.slice(0, 4)} ${base64.slice(4)}:`]],
    ['no padding', [`:${base64.replace(/=+$/, '')}:`]],
    ['base64url', [`:${Buffer.from([0xff, 0xff, 0xff]).toString('base64url')}:`]],
    ['bits left over', [':YR==:']],
    ['PEM', ['-----BEGIN CERTIFICATE-----']],
    ['PEM, escaped', ['-----BEGIN%20CERTIFICATE-----%0A']],
    ['a string of RFC 9651', [`"${base64}"`]],
    ['a list', [`(${written})`]],
    ['too much', [`:${Buffer.alloc(LONGEST_CLIENT_CERTIFICATE + 1).toString('base64')}:`]],
  ])('refuses %s', (_what, values) => {
    expect(parseClientCertificate(values)).toBeUndefined();
    expect(parseClientCertificate([written])).toEqual(bytes);
  });

  it('reads what was written, and nothing else', () => {
    const some = fc.uint8Array({ minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(some, (der) => {
        const value = encodeClientCertificate(der);
        expect(parseClientCertificate([value])).toEqual(Buffer.from(der));
      }),
    );
    fc.assert(
      fc.property(fc.string(), (value) => {
        const der = parseClientCertificate([value]);
        return der === undefined || encodeClientCertificate(der) === value;
      }),
    );
  });

  it('reads another certificate, or none, from what was changed', () => {
    const position = fc.nat({ max: written.length - 1 });
    fc.assert(
      fc.property(position, fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        fc.pre(written[at] !== character);
        const changed = written.slice(0, at) + character + written.slice(at + 1);
        return parseClientCertificate([changed])?.equals(bytes) !== true;
      }),
    );
  });
});

describe('encodeClientCertificate', () => {
  it.each([0, LONGEST_CLIENT_CERTIFICATE + 1])('refuses %i bytes', (length) => {
    expect(() => encodeClientCertificate(new Uint8Array(length))).toThrow(TypeError);
    expect(encodeClientCertificate(new Uint8Array(LONGEST_CLIENT_CERTIFICATE))).toMatch(/^:A+:$/);
  });

  it('writes the example of RFC 9651 section 3.3.5', () => {
    const der = Buffer.from('pretend this is binary content.');
    expect(encodeClientCertificate(der)).toBe(':cHJldGVuZCB0aGlzIGlzIGJpbmFyeSBjb250ZW50Lg==:');
  });
});
