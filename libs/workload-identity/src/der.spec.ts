import { createPrivateKey } from 'node:crypto';
import fc from 'fast-check';
import { mintAuthority, mintLeaf, ORDERS, type Minted } from './certificate.fixture';
import { certificatesPemOfDer, privateKeyPemOfDer } from './der';
import { parseCertificatesPem } from './pem';

describe('certificates in DER', () => {
  let root: Minted;
  let leaf: Minted;
  beforeAll(async () => {
    root = await mintAuthority();
    leaf = await mintLeaf(ORDERS, root);
  });

  const refusals: Record<string, () => Buffer> = {
    'no bytes': () => Buffer.alloc(0),
    'a certificate cut short': () => leaf.der.subarray(0, -1),
    'a second one cut short': () => Buffer.concat([leaf.der, root.der.subarray(0, 3)]),
    'a byte behind': () => Buffer.concat([leaf.der, Buffer.from([0])]),
    'a byte in front': () => Buffer.concat([Buffer.from([5]), leaf.der]),
    'no definite length': () => Buffer.from([0x30, 0x80, 0, 0]),
    'a length of four bytes': () => Buffer.from([0x30, 0x84, 0, 0, 0, 1, 5]),
    PEM: () => Buffer.from(leaf.pem),
  };
  it.each(Object.entries(refusals))('are not taken from %s', (_name, bytes) => {
    expect(certificatesPemOfDer(bytes())).toBeUndefined();
  });

  it('never come out of other bytes than went in', () => {
    const byte = fc.constantFrom(0, 1, 2, 0x30, 0x7f, 0x80, 0x81, 0x82, 0xff);
    fc.assert(
      fc.property(fc.array(byte, { minLength: 1, maxLength: 12 }), (bytes) => {
        const pem = certificatesPemOfDer(Uint8Array.from(bytes));
        if (pem === undefined) return;
        expect(Buffer.concat(parseCertificatesPem(pem) ?? [])).toEqual(Buffer.from(bytes));
      }),
      { examples: [[[0x30, 0, 0x30, 0x81, 1, 9]]] },
    );
  });

  it('are taken apart where each ends', () => {
    const pem = certificatesPemOfDer(Buffer.concat([leaf.der, root.der])) ?? '';
    expect(parseCertificatesPem(pem)).toEqual([leaf.der, root.der]);
  });
});

it('gives a private key in the form the parsers take', async () => {
  const { keyPem } = await mintAuthority();
  const key = createPrivateKey(keyPem);
  const pem = privateKeyPemOfDer(key.export({ type: 'pkcs8', format: 'der' }));
  expect(createPrivateKey(pem).equals(key)).toBe(true);
});
