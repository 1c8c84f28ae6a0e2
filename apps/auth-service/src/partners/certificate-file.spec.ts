import { FakeClock, type FakeLeaf } from '@sallyport/testing';
import { parseCertificateFile, parseClientCertificate } from './certificate-file';
import { newCertificate } from './partners.fixture';

const now = new FakeClock().now();

const refusedAs = (detail: RegExp): Error =>
  expect.objectContaining({
    status: 'INVALID_ARGUMENT',
    reason: 'certificate_file_invalid',
    detail: expect.stringMatching(detail) as string,
  }) as Error;

describe('a certificate file is refused', () => {
  it.each<[string, (pem: string) => string, RegExp]>([
    ['that is empty', () => '', /holds 0/],
    ['with two certificates', (pem) => pem + pem, /holds 2/],
    ['with a request', () => block('CERTIFICATE REQUEST', 'AA=='), /no certificate/],
    ['with a public key', () => block('PUBLIC KEY', 'AA=='), /no certificate/],
    ['that is cut off', (pem) => pem.slice(0, 200), /no certificate/],
    ['that is DER', (pem) => Buffer.from(pem, 'base64').toString('latin1'), /holds 0/],
    ['with the private key', (pem) => pem + block('PRIVATE KEY', 'AA=='), /private key/],
    ['with the key before it', (pem) => block('EC PRIVATE KEY', 'AA==') + pem, /private key/],
  ])('%s', async (_name, edit, detail) => {
    const { pem, thumbprint } = await newCertificate();
    expect(() => parseCertificateFile(edit(pem))).toThrow(refusedAs(detail));
    expect(parseClientCertificate(pem, now).thumbprint).toBe(thumbprint);
  });

  it.each<[string, (leaf: FakeLeaf) => FakeLeaf, RegExp]>([
    ['of an authority', (leaf) => leaf.isCa(), /authority/],
    ['that has expired', (leaf) => leaf.expired(), /expired at \d/],
    ['for servers alone', (leaf) => leaf.onlyServerAuth(), /not for clients/],
  ])('with a certificate %s', async (_name, broken, detail) => {
    const { pem } = await newCertificate(broken);
    expect(() => parseClientCertificate(pem, now)).toThrow(refusedAs(detail));
  });
});

it.each<[string, (leaf: FakeLeaf) => FakeLeaf]>([
  ['for clients alone', (leaf) => leaf.onlyClientAuth()],
  ['that becomes valid later', (leaf) => leaf.notYetValid()],
])('a certificate %s may be registered', async (_name, made) => {
  const { pem, thumbprint } = await newCertificate(made);
  expect(parseClientCertificate(`\n${pem}\n`, now)).toEqual({
    thumbprint,
    expiresAt: expect.any(Date) as Date,
  });
});

function block(type: string, content: string): string {
  return `-----BEGIN ${type}-----\n${content}\n-----END ${type}-----\n`;
}
