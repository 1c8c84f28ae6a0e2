import fc from 'fast-check';
import { parseCertificatesPem } from './pem';

const block = (der: Uint8Array): string => {
  const lines = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
};
const ders = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1 });

describe('parseCertificatesPem', () => {
  it.each([
    ['nothing', ''],
    ['another kind of block', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
    ['characters that are not base64', block(Buffer.from('a')).replace('YQ', 'Y?')],
  ])('finds nothing in %s', (_case, pem) => {
    expect(parseCertificatesPem(pem)).toBeUndefined();
  });

  it('takes no text that was cut within a block', () => {
    fc.assert(
      fc.property(ders, fc.nat(), (list, position) => {
        const pem = list.map(block).join('');
        const cut = pem.slice(0, position % pem.length);
        const parsed = parseCertificatesPem(cut);
        const begun = cut.split('-----BEGIN CERTIFICATE-----').length - 1;
        expect([undefined, begun]).toContain(parsed?.length);
        for (const [index, der] of (parsed ?? []).entries()) {
          expect(der.equals(list[index] ?? Buffer.alloc(0))).toBe(true);
        }
      }),
    );
  });

  it('gives every certificate in the order of the text, whatever is written around them', () => {
    fc.assert(
      fc.property(ders, (list) => {
        const parsed = parseCertificatesPem(
          list.map((der) => `a comment\n${block(der)}`).join('\n'),
        );
        expect(parsed?.map((der) => der.toString('hex'))).toEqual(
          list.map((der) => Buffer.from(der).toString('hex')),
        );
      }),
    );
  });
});
