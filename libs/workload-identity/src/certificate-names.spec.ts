import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import fc from 'fast-check';
import { mintLeaf, ORDERS } from './certificate.fixture';
import { certificateNames } from './certificate-names';
import { parseDistinguishedName } from './distinguished-name';

const namesExtension = (...names: x509.JsonGeneralNames): x509.Extension =>
  new x509.SubjectAlternativeNameExtension(names);

const subjectOf = async (subject: string) =>
  certificateNames((await mintLeaf(ORDERS, undefined, { subject })).der).subject;

describe('certificateNames', () => {
  it.each<[what: string, der: () => Promise<Buffer>]>([
    ['nothing', async () => Buffer.alloc(0)],
    ['what is no certificate', async () => Buffer.from('certificate')],
    [
      'half a certificate',
      async () => {
        const { der } = await mintLeaf(ORDERS);
        return der.subarray(0, der.length / 2);
      },
    ],
    [
      'alternative names that occur twice',
      async () => {
        const second = namesExtension({ type: 'dns', value: 'other.example' });
        return (await mintLeaf(ORDERS, undefined, { more: [second] })).der;
      },
    ],
  ])('refuses %s', async (_what, der) => {
    const unread = await der();
    expect(() => certificateNames(unread)).toThrow(TypeError);
    expect(certificateNames((await mintLeaf(ORDERS)).der).alternativeNames).toEqual([
      `uri:${ORDERS}`,
    ]);
  });

  it('reads every alternative name, with its kind', async () => {
    const names = namesExtension(
      { type: 'dns', value: 'api.acme.example' },
      { type: 'email', value: 'a@acme.example' },
      { type: 'ip', value: '192.0.2.1' },
      { type: 'url', value: 'urn:acme' },
    );
    const { der } = await mintLeaf(ORDERS, undefined, { parts: { names } });
    expect(certificateNames(der).alternativeNames).toEqual([
      'dns:api.acme.example',
      'email:a@acme.example',
      'ip:192.0.2.1',
      'uri:urn:acme',
    ]);
  });

  it('does not take a name with another one inside for that one', async () => {
    const names = namesExtension({ type: 'dns', value: 'evil.example, DNS:api.acme.example' });
    const { der } = await mintLeaf(ORDERS, undefined, { parts: { names } });
    expect(certificateNames(der).alternativeNames).not.toContain('dns:api.acme.example');
  });

  it('has no subject when the certificate has none', async () => {
    expect(await subjectOf('')).toBeUndefined();
  });
});

describe('a subject', () => {
  it.each<[what: string, text: string]>([
    ['with its parts the other way around', 'O=Acme,CN=settler'],
    ['with a part less', 'CN=settler'],
    ['with a part more', 'CN=settler,O=Acme,C=SE'],
    ['in other letters', 'CN=Settler,O=Acme'],
    ['with another attribute', 'OU=settler,O=Acme'],
    ['with both in one part', 'CN=settler+O=Acme'],
    ['with a blank more', 'CN=settler\\ ,O=Acme'],
  ])('is not the one %s', async (_what, text) => {
    const subject = await subjectOf('O=Acme, CN=settler');
    expect(parseDistinguishedName(text)).toBeDefined();
    expect(parseDistinguishedName(text)).not.toBe(subject);
    expect(parseDistinguishedName('CN=settler,O=Acme')).toBe(subject);
  });

  it.each([
    ['CN=a\\, b', 'CN="a, b"'],
    ['2.5.4.3=settler', 'CN=settler'],
    ['cn=settler', 'CN=settler'],
    ['CN=\\c3\\a4', 'CN=ä'],
    ['OU=x+CN=a', 'CN=a+OU=x'],
    ['DC=acme,DC=example', 'DC=example, DC=acme'],
  ])('%s is that of %s', async (text, subject) => {
    expect(parseDistinguishedName(text)).toBe(await subjectOf(subject));
  });

  it('without text is nobody’s', async () => {
    // A BIT STRING in its place (RFC 5280 allows x500UniqueIdentifier to be one).
    expect(await subjectOf('2.5.4.45=#030200ff')).toBeUndefined();
  });
});

describe('parseDistinguishedName', () => {
  it.each([
    '',
    'settler',
    'CN=',
    'CN= settler',
    'CN=settler ',
    'CN=settler, O=Acme',
    'CN=settler,',
    ',CN=settler',
    'CN=settler+',
    'CN=settler;O=Acme',
    'CN="settler"',
    'CN=#0c0161',
    'CN=a\\',
    'CN=a\\z',
    'CN=\\ff',
    'CN=a\0b',
    'NAME=settler',
    '2.5.=settler',
    '=settler',
  ])('refuses %j', (text) => {
    expect(parseDistinguishedName(text)).toBeUndefined();
    expect(parseDistinguishedName('CN=settler')).toBe('[["2.5.4.3=settler"]]');
  });

  it('refuses what is too long', () => {
    expect(parseDistinguishedName(`CN=${'a'.repeat(1_022)}`)).toBeUndefined();
    expect(parseDistinguishedName(`CN=${'a'.repeat(1_021)}`)).toBeDefined();
  });

  it('answers for any text, and tells two apart', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const escaped = (text: string) =>
          [...Buffer.from(text)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
        fc.pre(one !== '' && other !== '' && Buffer.from(one).toString() === one);
        fc.pre(Buffer.from(other).toString() === other);
        parseDistinguishedName(one);
        const [left, right] = [one, other].map((each) =>
          parseDistinguishedName(`CN=${escaped(each)}`),
        );
        return left !== undefined && (left === right) === (one === other);
      }),
    );
  });
});
